"""Every backend keeps the levels that it has, in each way of serving it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from mixtape import fastapi_app, flask_app
from mixtape.contract.exchange import Client
from mixtape.contract.rules import LEVELS
from mixtape.contract.runner import run
from workbench import Server, serve

START = 90.0  # seconds that a process may take to start while the machine is busy
PLAYED = 110  # tracks: more than a chart can have

Serving = Callable[[str], AbstractContextManager[Server]]

FLASK = "mixtape.flask_app:create_app()"
FASTAPI = "mixtape.fastapi_app:create_app()"
DJANGO_WSGI = "mixtape.django_app.config.wsgi:application"
DJANGO_ASGI = "mixtape.django_app.config.asgi:application"

# Django takes its settings once for a process, so that it cannot be served here with one database
# after another: in a thread it is served by a process of its own.
DJANGO_THREAD = f"""
import os, time
from workbench import serve
from {DJANGO_WSGI.partition(":")[0]} import application
with serve(application, port=int(os.environ["PORT"])) as server:
    while server.running:
        time.sleep(0.1)
"""

# What the settings of Django read: empty counts as not set, which is development.
CLEARED = dict.fromkeys(
    ("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "MIGRATE", "HTTPS", "STATIC_ROOT"), ""
)


def process(target: str, server: str, workers: int = 1, threads: int | None = None) -> Serving:
    """Serve by a real server, in processes of its own."""

    def start(url: str) -> Server:
        env = CLEARED | {"DATABASE_URL": url}
        return serve(target, server, workers=workers, threads=threads, env=env, timeout=START)

    return start


@contextmanager
def django_in_a_thread(url: str) -> Iterator[Server]:
    """Serve the Django object as a notebook does, but in a process of its own."""
    command = [sys.executable, "-c", DJANGO_THREAD]
    env = CLEARED | {"DATABASE_URL": url}
    with serve(command, env=env, timeout=START, name="django in a thread") as server:
        yield server


MATRIX: dict[str, tuple[Serving, tuple[str, ...]]] = {
    "flask-thread": (lambda url: serve(flask_app.create_app(url), name="flask"), LEVELS),
    "flask-granian": (process(FLASK, "granian-wsgi", workers=2), LEVELS),
    "fastapi-thread": (lambda url: serve(fastapi_app.create_app(url), name="fastapi"), LEVELS),
    "fastapi-uvicorn": (process(FASTAPI, "uvicorn", workers=2), LEVELS),
    "fastapi-granian": (process(FASTAPI, "granian", workers=2), LEVELS),
    "django-thread": (django_in_a_thread, LEVELS),
    "django-gunicorn": (process(DJANGO_WSGI, "gunicorn", workers=2, threads=4), LEVELS),
    "django-waitress": (process(DJANGO_WSGI, "waitress", threads=8), LEVELS),
    "django-uvicorn": (process(DJANGO_ASGI, "uvicorn"), LEVELS),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                sys.platform == "win32" and name.endswith("gunicorn"),
                reason="gunicorn does not exist for Windows",
            ),
        )
        for name in MATRIX
    ],
)
def test_a_backend_keeps_its_levels(name: str, database_url: str) -> None:
    serving, levels = MATRIX[name]
    with serving(database_url) as server:
        results = run(server.url, levels)
        assert [result for result in results if result.outcome != "passed"] == []
        assert {result.level for result in results} == set(levels)
        assert "Traceback" not in server.log


def test_a_database_that_is_in_use_changes_nothing(database_url: str) -> None:
    with serve(fastapi_app.create_app(database_url), name="in use") as server:
        client = Client(server.url)
        track = {"title": "Feeling Good", "artist": "Nina Simone", "seconds": 177}
        for _ in range(PLAYED):
            play = {"track_id": client.create(track)["id"]}
            for _ in range(2):
                client.post("/plays", play).must_be(201)
        for _ in range(2):
            results = run(server.url, LEVELS)
            assert [result for result in results if result.outcome != "passed"] == []
