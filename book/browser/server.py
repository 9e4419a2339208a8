"""A small static web server with compression, as a book is served: for tests and timing."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
# What is compressed already gains nothing.
_COMPRESSED = (".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".wasm", ".webmanifest")


@lru_cache(maxsize=512)
def _gzipped(file: str, changed: int) -> bytes:
    return gzip.compress(Path(file).read_bytes(), compresslevel=6)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 - as the class above has it
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".ipynb": "application/json",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def __init__(self, *args: object, prefix: str, **more: object) -> None:
        self._prefix = prefix
        super().__init__(*args, **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if not self.path.startswith(self._prefix):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.path = "/" + self.path.removeprefix(self._prefix)
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status = path.stat()
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        small = path.suffix in _COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
        body = _gzipped(str(path), status.st_mtime_ns) if small else path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag)
        # As static hosts do it: kept for ten minutes, then asked for again with the tag.
        self.send_header("Cache-Control", "max-age=600")
        if small:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@contextmanager
def serving(folder: Path, prefix: str = "/book/") -> Iterator[str]:
    """Serve `folder` below the path `prefix`; gives the address, which ends in a slash."""
    handler = partial(_Handler, prefix=prefix, directory=str(folder))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()
