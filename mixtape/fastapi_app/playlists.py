"""Playlists: create, read, put tracks in and take them out."""

from fastapi import APIRouter, Response
from sqlalchemy import delete, select

from .bodies import StrictJSONRoute
from .dependencies import ReadSession, WriteSession, get_or_404
from .models import Playlist, PlaylistTrack, Track
from .problems import problems
from .schemas import PlaylistCreate, PlaylistPublic, UrlId

router = APIRouter(prefix="/playlists", tags=["playlists"], route_class=StrictJSONRoute)

LOCATION = {
    "required": True,
    "description": "Where the playlist is.",
    "schema": {"type": "string", "pattern": "^/playlists/[1-9][0-9]*$"},
}


@router.post(
    "",
    status_code=201,
    response_model=PlaylistPublic,
    responses={201: {"headers": {"Location": LOCATION}}, **problems(400, 413, 415, 422)},
)
def create_playlist(fields: PlaylistCreate, session: WriteSession, response: Response) -> Playlist:
    """Create a playlist, with nothing in it."""
    playlist = Playlist(**fields.model_dump())
    session.add(playlist)
    session.commit()
    response.headers["Location"] = f"/playlists/{playlist.id}"
    return playlist


@router.get("/{playlist_id}", response_model=PlaylistPublic, responses=problems(404))
def read_playlist(playlist_id: UrlId, session: ReadSession) -> Playlist:
    """Read a playlist with its tracks, in the order in which they were put in."""
    return get_or_404(session, Playlist, playlist_id)


@router.put("/{playlist_id}/tracks/{track_id}", status_code=204, responses=problems(404))
def add_track(playlist_id: UrlId, track_id: UrlId, session: WriteSession) -> None:
    """Put a track at the end of a playlist; one that is in there stays where it is."""
    # Whoever has locked the playlist is alone with it: of many who put the same track in at once,
    # the first adds it and the others find it.
    playlist = get_or_404(session, Playlist, playlist_id, lock=True)
    track = get_or_404(session, Track, track_id, lock=True)
    place = select(PlaylistTrack).filter_by(playlist_id=playlist.id, track_id=track.id)
    if session.scalar(place) is None:
        session.add(PlaylistTrack(playlist_id=playlist.id, track_id=track.id))
    session.commit()


@router.delete("/{playlist_id}/tracks/{track_id}", status_code=204, responses=problems(404))
def remove_track(playlist_id: UrlId, track_id: UrlId, session: WriteSession) -> None:
    """Take a track out of a playlist; nothing happens when it is not in there."""
    playlist = get_or_404(session, Playlist, playlist_id, lock=True)
    session.execute(delete(PlaylistTrack).filter_by(playlist_id=playlist.id, track_id=track_id))
    session.commit()
