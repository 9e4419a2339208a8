"""The playlists: create, read, put a track in, take it out."""

from flask import Blueprint, Flask, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, func, select

from . import validation
from .database import current_database
from .finding import find
from .models import Place, Playlist, Track

bp = Blueprint("playlists", __name__, url_prefix="/playlists")


def init_app(app: Flask) -> None:
    """Add the routes of playlists to the application."""
    app.register_blueprint(bp)


@bp.post("")
def create_playlist() -> ResponseReturnValue:
    """Store a new playlist, with no tracks in it.

    ---
    post:
      requestBody: {required: true, content: {application/json: {schema: NewPlaylist}}}
      responses:
        201: PlaylistCreated
        400: NotJSON
        413: TooLarge
        415: OtherMediaType
        422: Invalid
    """
    fields = validation.new_playlist(validation.read_json(request))
    with current_database().writing() as session:
        playlist = Playlist(**fields)
        session.add(playlist)
        session.flush()  # the database gives the playlist its id
        document = playlist.as_dict()
    where = url_for("playlists.read_playlist", playlist_id=document["id"])
    return document, 201, {"Location": where}


@bp.get("/<id:playlist_id>")
def read_playlist(playlist_id: int) -> ResponseReturnValue:
    """Answer a playlist with its tracks, in the order in which they were put in.

    ---
    get:
      parameters: [playlist_id]
      responses: {200: Playlist, 404: NotFound}
    """
    with current_database().reading() as session:
        return find(session, Playlist, playlist_id).as_dict()


@bp.put("/<id:playlist_id>/tracks/<id:track_id>")
def put_in(playlist_id: int, track_id: int) -> ResponseReturnValue:
    """Put a track at the end of a playlist; one that is in there keeps its place.

    ---
    put:
      parameters: [playlist_id, track_id]
      responses: {204: NoContent, 404: NotFound}
    """
    with current_database().writing() as session:
        # Whoever has the playlist to write is alone with it, so nobody else takes this position.
        find(session, Playlist, playlist_id, to_write=True)
        find(session, Track, track_id, to_write=True)
        if session.get(Place, (playlist_id, track_id)) is None:
            last = select(func.max(Place.position)).filter_by(playlist_id=playlist_id)
            position = (session.scalar(last) or 0) + 1
            session.add(Place(playlist_id=playlist_id, track_id=track_id, position=position))
    return "", 204


@bp.delete("/<id:playlist_id>/tracks/<id:track_id>")
def take_out(playlist_id: int, track_id: int) -> ResponseReturnValue:
    """Take a track out of a playlist; one that is not in there is no error.

    ---
    delete:
      parameters: [playlist_id, track_id]
      responses: {204: NoContent, 404: NotFound}
    """
    with current_database().writing() as session:
        find(session, Playlist, playlist_id, to_write=True)
        session.execute(delete(Place).filter_by(playlist_id=playlist_id, track_id=track_id))
    return "", 204
