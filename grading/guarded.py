"""An HTTP session with a stranger's server on a Unix socket.

The guards stand at the socket, because there nothing gets past them: one deadline and one number
of bytes for a whole exchange, whatever the server sends and however slowly.
"""

import socket
import time
import zlib
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from workbench.session import Session

SECONDS = 10.0  # for a whole exchange
MOST = 2 * 2**20  # bytes of an answer's body, also when it is unpacked
MOST_HEADERS = 2**16  # bytes of everything else in an answer
BASE_URL = "http://candidate"


class GuardedSocket(socket.socket):
    """A Unix socket on which one exchange may take SECONDS, and MOST bytes."""

    def __init__(self) -> None:
        """Begin the exchange."""
        super().__init__(socket.AF_UNIX)
        self.until = time.monotonic() + SECONDS
        self.bytes = MOST + MOST_HEADERS

    def recv_into(self, *args: Any, **options: Any) -> int:
        """Receive, as long as time and bytes are left."""
        self._wait()
        count = super().recv_into(*args, **options)
        self.bytes -= count
        if self.bytes < 0:
            raise OSError(f"the answer is larger than {MOST:,} bytes")
        return count

    def sendall(self, *args: Any) -> None:
        """Send, as long as time is left."""
        self._wait()
        super().sendall(*args)

    def _wait(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the whole answer took longer than {SECONDS:g} s")
        self.settimeout(left)


class _Connection(HTTPConnection):
    def __init__(self, place: Path) -> None:
        super().__init__("candidate")
        self._place = place

    def connect(self) -> None:
        guarded = GuardedSocket()
        guarded.settimeout(SECONDS)
        guarded.connect(str(self._place))
        self.sock = guarded


class _Pool(HTTPConnectionPool):
    def __init__(self, place: Path) -> None:
        super().__init__("candidate")
        self._place = place

    def _new_conn(self) -> _Connection:
        return _Connection(self._place)


class _Adapter(HTTPAdapter):
    """Sends every request to one socket, each on a connection of its own."""

    def __init__(self, place: Path) -> None:
        super().__init__(max_retries=0)
        self._place = place

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return _Pool(self._place)

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return request.path_url

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        response = super().send(request, stream=True, timeout=timeout)
        try:
            response._content = _body(request, response)
        except (OSError, HTTPError, HTTPException) as error:
            raise requests.ConnectionError(str(error), request=request) from None
        finally:
            response.raw.close()
        response._content_consumed = True  # type: ignore[attr-defined]
        # Guessing an encoding costs seconds on a large body, and some encodings are programs.
        if (response.encoding or "").lower() not in ("iso-8859-1", "latin-1", "us-ascii"):
            response.encoding = "utf-8"
        return response


def _body(request: requests.PreparedRequest, response: requests.Response) -> bytes:
    if request.method == "HEAD":
        return b""
    body: bytes = response.raw.read(MOST + 1, decode_content=False)
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("gzip", "deflate"):
        try:
            body = zlib.decompressobj(47).decompress(body, MOST + 1)  # 47: of either kind
        except zlib.error as error:
            raise OSError(f"the answer is not {coding}: {error}") from None
    elif coding != "identity":
        raise OSError(
            f"the answer has the Content-Encoding {coding[:40]!r}, for which nobody asked"
        )
    if len(body) > MOST:
        raise OSError(f"the answer is larger than {MOST:,} bytes")
    return body


class GuardedSession(Session):
    """A `workbench` session for a stranger's server: `connect` gives it to checks in grading."""

    def __init__(self, place: Path) -> None:
        """Bind the session to the server at a Unix socket."""
        super().__init__(BASE_URL)
        self.adapters.clear()  # no other scheme, and no other host
        self.mount("http://", _Adapter(place))
        self.headers["Accept-Encoding"] = "identity"
        self.headers["Connection"] = "close"
