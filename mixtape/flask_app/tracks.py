"""The tracks: list, create, read, change, delete."""

from flask import Blueprint, Flask, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from . import validation
from .database import current_database
from .models import Track

bp = Blueprint("tracks", __name__, url_prefix="/tracks")


class IdConverter(BaseConverter):
    """The part of a path that is an id. Any other text there matches no route, and gives 404."""

    # No database counts further than 18 digits, and more might not fit into its integers.
    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the id as a number."""
        return int(value)


def init_app(app: Flask) -> None:
    """Add the routes of tracks to the application."""
    app.url_map.converters["id"] = IdConverter
    app.register_blueprint(bp)


@bp.get("")
def list_tracks() -> ResponseReturnValue:
    """Answer one page of the tracks that match."""
    limit, offset = validation.page(request)
    matching = _matching()
    with current_database().reading() as session:
        total = session.scalar(select(func.count(Track.id)).where(*matching))
        query = select(Track).where(*matching).order_by(Track.id).limit(limit).offset(offset)
        items = [track.as_dict() for track in session.scalars(query)]
    return {"items": items, "total": total}


@bp.post("")
def create_track() -> ResponseReturnValue:
    """Store a new track and say where it is."""
    fields = validation.new_track(validation.read_json(request))
    with current_database().writing() as session:
        track = Track(**fields)
        session.add(track)
        session.flush()  # the database gives the track its id
        document = track.as_dict()
    return document, 201, {"Location": url_for("tracks.read_track", track_id=document["id"])}


@bp.get("/<id:track_id>")
def read_track(track_id: int) -> ResponseReturnValue:
    """Answer one track."""
    with current_database().reading() as session:
        return _find(session, track_id).as_dict()


@bp.patch("/<id:track_id>")
def change_track(track_id: int) -> ResponseReturnValue:
    """Change the fields that are named, and answer the whole track."""
    changes = validation.track_changes(validation.read_json(request))
    with current_database().writing() as session:
        track = _find(session, track_id, to_write=True)
        for name, value in changes.items():
            setattr(track, name, value)
        return track.as_dict()


@bp.delete("/<id:track_id>")
def delete_track(track_id: int) -> ResponseReturnValue:
    """Delete a track."""
    with current_database().writing() as session:
        session.delete(_find(session, track_id, to_write=True))
    return "", 204


def _find(session: Session, track_id: int, *, to_write: bool = False) -> Track:
    # FOR UPDATE lets others wait until our change is stored. SQLite has no such words and needs
    # none: its sessions for writing follow one another.
    track = session.get(Track, track_id, with_for_update=to_write)
    if track is None:
        raise NotFound(f"There is no track {track_id}.")
    return track


def _matching() -> list[ColumnElement[bool]]:
    """Return the conditions that the query string puts on tracks."""
    conditions: list[ColumnElement[bool]] = []
    artist, q = request.args.get("artist", ""), request.args.get("q", "")
    if artist:
        conditions.append(Track.artist == artist)
    if q:
        # autoescape: % and _ are wildcards to LIKE, and here they mean themselves.
        in_title = Track.title.icontains(q, autoescape=True)
        in_artist = Track.artist.icontains(q, autoescape=True)
        conditions.append(or_(in_title, in_artist))
    if not all(map(validation.can_be_text, (artist, q))):
        conditions = [false()]  # no track has it, and not every database can be asked
    return conditions
