"""Mixtape as a FastAPI application: `uvicorn --factory mixtape.fastapi_app:create_app`."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from . import health, playlists, plays, tracks
from .database import Database
from .openapi import DescribedFastAPI
from .problems import add_problem_handlers

DEFAULT_DATABASE_URL = "sqlite:///mixtape.db"


def create_app(database_url: str | None = None) -> FastAPI:
    """Make the application.

    Args:
        database_url: where the data is, as SQLAlchemy writes it (`sqlite:///mixtape.db`). Without
            it, the environment variable DATABASE_URL says so; without that, the file mixtape.db in
            the current folder.

    Raises:
        sqlalchemy.exc.ArgumentError: when the URL cannot be read.
    """
    database = Database(database_url or os.environ.get("DATABASE_URL") or DEFAULT_DATABASE_URL)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Database]]:
        # Connections are opened here and not above: a server may make the application in one
        # process and run it in several others, and connections must not cross from one to another.
        await run_in_threadpool(database.create_tables)
        yield {"database": database}
        await run_in_threadpool(database.close)

    app = DescribedFastAPI(
        title="Mixtape",
        summary="Tracks, playlists and plays.",
        version="1.0.0",
        lifespan=lifespan,
        # One URL for each resource: /tracks/ is not a second name of /tracks, but 404.
        redirect_slashes=False,
        # Programs written against the OpenAPI description get functions called create_track, and
        # not create_track_tracks_post.
        generate_unique_id_function=_operation_id,
    )
    add_problem_handlers(app)
    app.include_router(tracks.router)
    app.include_router(playlists.router)
    app.include_router(plays.router)
    app.include_router(health.router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
