"""Tracks: create, list, read, change, delete."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.exc import IntegrityError

from .bodies import StrictJSONRoute
from .dependencies import ReadSession, WriteSession, get_or_404
from .models import Track
from .problems import problems
from .schemas import (
    MAX_TEXT,
    Limit,
    Offset,
    TrackCreate,
    TrackPage,
    TrackPublic,
    TrackUpdate,
    UrlId,
)

# The endpoints here are `def`, not `async def`. SQLAlchemy's session and SQLite block: the function
# stands still until the file has answered. FastAPI runs a `def` in a thread, where only its own
# client waits; the same code in an `async def` would stop the event loop, and all clients with it.
router = APIRouter(prefix="/tracks", tags=["tracks"], route_class=StrictJSONRoute)

LOCATION = {
    "required": True,
    "description": "Where the track is.",
    "schema": {"type": "string", "pattern": "^/tracks/[1-9][0-9]*$"},
}


@router.get("", response_model=TrackPage, responses=problems(422))
def list_tracks(
    session: ReadSession,
    limit: Limit = 20,
    offset: Offset = 0,
    artist: Annotated[str, Query(description="All of the name; letter case counts.")] = "",
    q: Annotated[
        str, Query(description="Part of title or artist; letter case does not count.")
    ] = "",
) -> dict[str, object]:
    """List tracks by their id."""
    filters = _filters(artist, q)
    page = select(Track).where(*filters).order_by(Track.id).limit(limit).offset(offset)
    total = select(func.count()).select_from(Track).where(*filters)
    return {"items": session.scalars(page).all(), "total": session.scalar(total)}


@router.post(
    "",
    status_code=201,
    response_model=TrackPublic,
    responses={201: {"headers": {"Location": LOCATION}}, **problems(400, 413, 415, 422)},
)
def create_track(fields: TrackCreate, session: WriteSession, response: Response) -> Track:
    """Create a track."""
    track = Track(**fields.model_dump())
    session.add(track)
    session.commit()
    response.headers["Location"] = f"/tracks/{track.id}"
    return track


@router.get("/{track_id}", response_model=TrackPublic, responses=problems(404))
def read_track(track_id: UrlId, session: ReadSession) -> Track:
    """Read a track."""
    return get_or_404(session, Track, track_id)


@router.patch(
    "/{track_id}",
    response_model=TrackPublic,
    responses=problems(400, 404, 413, 415, 422),
)
def update_track(track_id: UrlId, changes: TrackUpdate, session: WriteSession) -> Track:
    """Change some fields of a track."""
    track = get_or_404(session, Track, track_id, lock=True)
    for name, value in changes.items():
        setattr(track, name, value)
    session.commit()
    return track


@router.delete("/{track_id}", status_code=204, responses=problems(404, 409))
def delete_track(track_id: UrlId, session: WriteSession) -> None:
    """Delete a track and its plays; refused while a playlist holds it."""
    session.delete(get_or_404(session, Track, track_id, lock=True))
    try:
        session.commit()
    except IntegrityError:
        # We do not look first: between looking and deleting, another could add it to a playlist.
        raise HTTPException(409, "A playlist holds this track; take it out first.") from None


def _filters(artist: str, q: str) -> list[ColumnElement[bool]]:
    if any(len(text) > MAX_TEXT or "\0" in text for text in (artist, q)):
        # No track has it, and databases cannot search for everything: PostgreSQL knows no NUL, and
        # SQLite no pattern of 50,000 bytes.
        return [false()]
    filters: list[ColumnElement[bool]] = []
    if artist:
        filters.append(Track.artist == artist)
    if q:
        # autoescape: % and _ in q mean themselves.
        in_title = Track.title.icontains(q, autoescape=True)
        in_artist = Track.artist.icontains(q, autoescape=True)
        filters.append(or_(in_title, in_artist))
    return filters
