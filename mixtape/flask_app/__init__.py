"""Mixtape in Flask: ``flask --app mixtape.flask_app run``."""

import os

from flask import Flask

from . import database, openapi, playlists, plays, problems, tracks
from .finding import IdConverter
from .validation import MAX_BODY


def create_app(database_url: str | None = None) -> Flask:
    """Make the application.

    Args:
        database_url: where the data is kept, as SQLAlchemy writes it. Without it, the variable
            ``DATABASE_URL`` of the environment says so; without that, ``mixtape.db`` in the
            current folder is used.
    """
    app = Flask(__name__, static_folder=None)
    # Flask refuses a body that says it is longer than this. One that does not say its length is
    # cut off here without an error: the one byte more lets read_json notice.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY + 1
    # Flask would redirect //tracks to /tracks with a page of HTML; an API answers 404.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = IdConverter

    if database_url is None:
        database_url = os.environ.get("DATABASE_URL") or "sqlite:///mixtape.db"
    database.init_app(app, database_url)
    problems.init_app(app)
    tracks.init_app(app)
    playlists.init_app(app)
    plays.init_app(app)
    openapi.init_app(app)

    @app.get("/health")
    def health() -> dict[str, str]:
        """Say that the server is there.

        ---
        get:
          responses: {200: Health}
        """
        return {"status": "ok"}

    return app
