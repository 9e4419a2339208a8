"""Serve built pages as a static host does: compressed, under a sub-path, with its 404 page.

python -m book.server            # http://127.0.0.1:8080/book/
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from book.notebooks import ROOT

HTML = ROOT / "_build" / "html"
SUB_PATH = "/book"


def static_app(folder: Path) -> Starlette:
    """Return an application that serves a folder below `SUB_PATH`."""
    files = StaticFiles(directory=folder, html=True)
    return Starlette(
        routes=[Mount(SUB_PATH, files)], middleware=[Middleware(GZipMiddleware, minimum_size=500)]
    )


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder for as long as the block lasts; gives the address, which ends in a slash.

    Raises:
        FileNotFoundError: there are no pages in the folder.
        TimeoutError: the server does not start within 30 s.
    """
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"{folder} has no pages: run `python course.py book` first.")
    settings = uvicorn.Config(static_app(folder), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    patience = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > patience or not thread.is_alive():
            raise TimeoutError("The server of the pages did not start.")
        time.sleep(0.02)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}{SUB_PATH}/"
    finally:
        server.should_exit = True
        thread.join(10)


def main() -> int:
    """Serve the built book on port 8080 until Ctrl-C; return the exit code."""
    if not (HTML / "index.html").is_file():
        print(f"{HTML} has no pages: run `python course.py book` first.", file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:8080{SUB_PATH}/   Ctrl-C stops it.", flush=True)
    uvicorn.run(static_app(HTML), port=8080, log_level="warning", lifespan="off")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
