"""The tracks: list, create, read, change, delete."""

from flask import Blueprint, Flask, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import Conflict

from . import validation
from .database import current_database
from .finding import find
from .models import Track

bp = Blueprint("tracks", __name__, url_prefix="/tracks")


def init_app(app: Flask) -> None:
    """Add the routes of tracks to the application."""
    app.register_blueprint(bp)


@bp.get("")
def list_tracks() -> ResponseReturnValue:
    """Answer one page of the tracks that match.

    ---
    get:
      parameters: [limit, offset, artist, q]
      responses: {200: TrackPage, 422: Invalid}
    """
    limit, offset = validation.page(request)
    matching = _matching()
    with current_database().reading() as session:
        total = session.scalar(select(func.count(Track.id)).where(*matching))
        query = select(Track).where(*matching).order_by(Track.id).limit(limit).offset(offset)
        items = [track.as_dict() for track in session.scalars(query)]
    return {"items": items, "total": total}


@bp.post("")
def create_track() -> ResponseReturnValue:
    """Store a new track and say where it is.

    ---
    post:
      requestBody: {required: true, content: {application/json: {schema: NewTrack}}}
      responses:
        201: TrackCreated
        400: NotJSON
        413: TooLarge
        415: OtherMediaType
        422: Invalid
    """
    fields = validation.new_track(validation.read_json(request))
    with current_database().writing() as session:
        track = Track(**fields)
        session.add(track)
        session.flush()  # the database gives the track its id
        document = track.as_dict()
    return document, 201, {"Location": url_for("tracks.read_track", track_id=document["id"])}


@bp.get("/<id:track_id>")
def read_track(track_id: int) -> ResponseReturnValue:
    """Answer one track.

    ---
    get:
      parameters: [track_id]
      responses: {200: Track, 404: NotFound}
    """
    with current_database().reading() as session:
        return find(session, Track, track_id).as_dict()


@bp.patch("/<id:track_id>")
def change_track(track_id: int) -> ResponseReturnValue:
    """Change the fields that are named, and answer the whole track.

    ---
    patch:
      parameters: [track_id]
      requestBody: {required: true, content: {application/json: {schema: TrackChanges}}}
      responses:
        200: Track
        400: NotJSON
        404: NotFound
        413: TooLarge
        415: OtherMediaType
        422: Invalid
    """
    changes = validation.track_changes(validation.read_json(request))
    with current_database().writing() as session:
        track = find(session, Track, track_id, to_write=True)
        for name, value in changes.items():
            setattr(track, name, value)
        return track.as_dict()


@bp.delete("/<id:track_id>")
def delete_track(track_id: int) -> ResponseReturnValue:
    """Delete a track and its plays; refused while a playlist holds it.

    ---
    delete:
      parameters: [track_id]
      responses: {204: NoContent, 404: NotFound, 409: Held}
    """
    with current_database().writing() as session:
        session.delete(find(session, Track, track_id, to_write=True))
        try:
            session.flush()
        except IntegrityError:
            # Asked before, the answer could be out of date; the database knows it when it deletes.
            raise Conflict("A playlist holds this track. Take it out first.") from None
    return "", 204


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
