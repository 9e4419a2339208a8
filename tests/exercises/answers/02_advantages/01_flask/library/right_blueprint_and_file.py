"""Uses a blueprint, a database in a file, and searches in Python."""

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, current_app

views = Blueprint("tracks", __name__)


def as_json(track: Track) -> dict:
    return {"id": track.id, "title": track.title, "artist": track.artist}


@views.post("/tracks")
def add_track():
    with Session(current_app.config["ENGINE"]) as session, session.begin():
        track = Track(title=request.json["title"], artist=request.json["artist"])
        session.add(track)
        session.flush()
        return as_json(track), 201


@views.get("/tracks")
def find_tracks():
    words = request.args.get("q", "").lower()
    with Session(current_app.config["ENGINE"]) as session:
        tracks = [as_json(track) for track in session.scalars(select(Track))]
    found = [t for t in tracks if words in t["title"].lower() or words in t["artist"].lower()]
    return jsonify(items=sorted(found, key=lambda track: track["id"]), total=len(found))


def create_library() -> Flask:
    app = Flask("library")
    folder = app.config["FOLDER"] = TemporaryDirectory(ignore_cleanup_errors=True)
    path = Path(folder.name, "library.db")
    app.config["ENGINE"] = create_engine(f"sqlite:///{path.as_posix()}")
    Base.metadata.create_all(app.config["ENGINE"])
    app.register_blueprint(views)
    return app


@cache
def library(name: str) -> Flask:
    return create_library()


def libraries_app(environ, start_response):
    name = shift_path_info(environ)
    return library(name)(environ, start_response)
