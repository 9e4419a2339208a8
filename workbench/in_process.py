"""Serve an app object without a socket: requests are handed to it in this process.

The browser edition has nothing else. What an app sees and what a client gets are the same as with
a server, save that requests come one after another and that an endlessly busy app is not given up.
"""

import asyncio
import contextvars
import http.client
import io
import ipaddress
import itertools
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from workbench.in_process_loop import Loop, OutOfTime, inline_threads
from workbench.logs import MemoryLog, ServerFailed, serve_into
from workbench.threads import HOST, Scope, logged, logged_async

_PATIENCE = 20  # seconds that an app gets to start
_NO_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

# The servers of this process by port.
_running: dict[int, "InProcessRunner"] = {}
_ports = itertools.count(8001)


@dataclass(frozen=True)
class Answer:
    """What an app answered: status, reason, headers in their order, body."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes


class InProcessRunner:
    """Takes the place of a server: keeps the app, its log and a port that is only a number."""

    pid: int | None = None

    def __init__(self, app: Any, label: str, port: int | None, *, asynchronous: bool) -> None:
        """Make the app reachable; an ASGI app is started. Raises ServerFailed if that fails."""
        self._log = MemoryLog()
        self.port = port or next(number for number in _ports if number not in _running)
        kind = _ASGI if asynchronous else _WSGI
        self._app = kind(app, self._log)
        try:
            self._in_own_context(self._app.start)
        except _StartFailed:
            raise ServerFailed(
                f"the server of {label!r} ended while it was starting", self.read()
            ) from None
        except OutOfTime:
            raise ServerFailed(
                f"the server of {label!r} was not ready after {_PATIENCE} s", self.read()
            ) from None
        _running[self.port] = self

    def answer(self, request: requests.PreparedRequest, seconds: float | None) -> Answer:
        """Hand a request to the app. Raises OutOfTime or ConnectionError, as a client would."""
        answer: Answer = self._in_own_context(self._app.answer, request, seconds)
        return answer

    def _in_own_context(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function; what it prints, warns or logs goes to the log of this server."""

        def inside() -> Any:
            serve_into(self._log)
            return function(*args)

        return contextvars.copy_context().run(inside)

    @property
    def running(self) -> bool:
        """Whether requests are taken."""
        return _running.get(self.port) is self

    def mark(self) -> int:
        """Return the present end of the log, for `read`."""
        return self._log.mark()

    def read(self, since: int = 0) -> str:
        """Return the log from the place `since` on."""
        return self._log.text(since)

    def stop(self, wait: float = 3.0) -> None:
        """Take no more requests, and let an ASGI app clear up."""
        if self.running:
            del _running[self.port]
            self._in_own_context(self._app.stop)


class _StartFailed(Exception):  # noqa: N818
    """The app did not start; its log says why."""


class _WSGI:
    def __init__(self, app: Any, log: MemoryLog) -> None:
        self._app, self._log = logged(app, log), log

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def answer(self, request: requests.PreparedRequest, seconds: float | None) -> Answer:
        method, address = str(request.method), urlsplit(str(request.url))
        said: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], error: Any = None
        ) -> Callable[[bytes], None]:
            said[:] = [status, headers]
            return written.append

        written: list[bytes] = []
        result = self._app(_environ(request, method, address, self._log), start_response)
        try:
            for number, chunk in enumerate(result):
                if number == 0:
                    self._note(method, address, said[0])
                written.append(chunk)
        except Exception:
            # It is in the log, and too late for another answer.
            raise requests.ConnectionError(
                "the app broke off its answer", request=request
            ) from None
        finally:
            if hasattr(result, "close"):
                result.close()
        status, headers = said
        if not written:
            self._note(method, address, status)
        code, _, reason = status.partition(" ")
        return Answer(int(code), reason, headers, b"".join(written))

    def _note(self, method: str, address: SplitResult, status: str) -> None:
        self._log.write(f"{method} {_target(address)} {status.partition(' ')[0]}\n")


def _target(address: SplitResult) -> str:
    return (address.path or "/") + (f"?{address.query}" if address.query else "")


def _environ(
    request: requests.PreparedRequest, method: str, address: SplitResult, log: MemoryLog
) -> dict[str, Any]:
    pieces = list(_pieces(request))
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        # WSGI wants bytes as letters of Latin-1.
        "PATH_INFO": unquote_to_bytes(address.path or "/").decode("latin-1"),
        "QUERY_STRING": address.query,
        "REQUEST_URI": _target(address),
        "RAW_URI": _target(address),
        "REMOTE_ADDR": HOST,
        "REMOTE_PORT": "0",
        "SERVER_NAME": HOST,
        "SERVER_PORT": str(address.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": address.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(b"".join(pieces)),
        "wsgi.input_terminated": True,
        "wsgi.errors": log,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return environ


def _pieces(request: requests.PreparedRequest) -> Iterator[bytes]:
    body: Any = request.body
    if body is None:
        return
    if isinstance(body, str):
        body = body.encode()
    if hasattr(body, "read"):
        body = body.read()
    yield from [body] if isinstance(body, bytes) else body


class _ASGI:
    def __init__(self, app: Any, log: MemoryLog) -> None:
        self._plain, self._app, self._log = app, logged_async(app, log), log
        self._state: dict[str, Any] = {}
        self._loop = Loop()
        self._orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._life: asyncio.Task[None] | None = None
        inline_threads()

    def start(self) -> None:
        try:
            self._loop.call(self._start(), _PATIENCE)
        except (OutOfTime, _StartFailed):
            self._loop.end()
            raise

    def stop(self) -> None:
        with suppress(OutOfTime):  # an app that does not end is left where it is
            self._loop.call(self._stop(), 3.0)
        self._loop.end()

    async def _start(self) -> None:
        self._life = asyncio.create_task(self._live())
        report = await self._order("startup")
        if report == "lifespan.startup.failed":
            raise _StartFailed

    async def _stop(self) -> None:
        await self._order("shutdown")

    async def _order(self, what: str) -> str:
        """Tell the app to start or to end; return what it says, or "" if it does not know how."""
        if self._life is None or self._life.done():
            return ""
        self._orders.put_nowait({"type": f"lifespan.{what}"})
        report = asyncio.create_task(self._reports.get())
        await asyncio.wait({report, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if report.done():
            return str(report.result()["type"])
        report.cancel()
        return ""

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": _VERSION, "state": self._state}
        try:
            await self._plain(scope, self._orders.get, self._reports.put)
        except Exception:
            # Apps that know no lifespan raise here. One that failed has said so, with a reason.
            if self._reports.qsize():
                self._log.write(traceback.format_exc())

    def answer(self, request: requests.PreparedRequest, seconds: float | None) -> Answer:
        address = urlsplit(str(request.url))
        scope: Scope = {
            "type": "http",
            "asgi": _VERSION,
            "http_version": "1.1",
            "method": str(request.method),
            "scheme": address.scheme,
            "path": unquote_to_bytes(address.path or "/").decode("utf-8", "replace"),
            "raw_path": (address.path or "/").encode("ascii"),
            "query_string": address.query.encode("ascii"),
            "root_path": "",
            "headers": [(b"host", address.netloc.encode("ascii")), *_header_bytes(request)],
            "client": (HOST, 0),
            "server": (HOST, address.port or 80),
            "state": self._state.copy(),
        }
        pieces = _pieces(request)
        sent: list[Any] = []
        try:
            self._loop.call(self._exchange(scope, pieces, sent), seconds)
        except OutOfTime:
            raise
        except Exception:
            self._log.write(traceback.format_exc())
            raise requests.ConnectionError(
                "the app broke off its answer", request=request
            ) from None
        if not sent:
            self._log.write("ASGI callable returned without starting response.\n")
            return _plain(500, b"Internal Server Error")
        head, *rest = sent
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in head.get("headers", ())]
        body = b"".join(message.get("body", b"") for message in rest)
        return Answer(head["status"], _phrase(head["status"]), headers, body)

    async def _exchange(self, scope: Scope, pieces: Iterator[bytes], sent: list[Any]) -> None:
        waiting = [*pieces] or [b""]
        finished = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if waiting:
                body = waiting.pop(0)
                return {"type": "http.request", "body": body, "more_body": bool(waiting)}
            await finished.wait()  # a client hangs up when it has its answer
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                finished.set()

        await self._app(scope, receive, send)


_VERSION = {"version": "3.0", "spec_version": "2.3"}


def _header_bytes(request: requests.PreparedRequest) -> Iterator[tuple[bytes, bytes]]:
    for name, value in request.headers.items():
        text = value if isinstance(value, bytes) else value.encode("latin-1")
        yield name.lower().encode("latin-1"), text


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _plain(status: int, body: bytes) -> Answer:
    return Answer(status, _phrase(status), [("content-type", "text/plain; charset=utf-8")], body)


class InProcessAdapter(BaseAdapter):
    """The part of `requests` that sends: it hands requests to the servers of this process."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Return the app's response; parameters as in `requests`.

        Raises:
            ConnectionError: no server of this notebook has that address, or the app broke off.
            ReadTimeout: the answer took longer than `timeout`.
        """
        address = urlsplit(str(request.url))
        runner = _running.get(address.port or 80) if is_here(address.hostname) else None
        if runner is None:
            raise requests.ConnectionError(_nobody(address), request=request)
        seconds = timeout[1] if isinstance(timeout, tuple) else timeout
        begun = time.monotonic()
        try:
            answer = runner.answer(request, seconds)
        except OutOfTime:
            raise requests.ReadTimeout("no answer in time", request=request) from None
        if seconds is not None and time.monotonic() - begun > seconds:
            raise requests.ReadTimeout("no answer in time", request=request)
        return HTTPAdapter().build_response(request, _raw(request, answer))

    def close(self) -> None:
        """Do nothing: no connection is open."""


def is_here(host: str | None) -> bool:
    """Tell whether a host name means this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _nobody(address: SplitResult) -> str:
    if is_here(address.hostname):
        return f"nothing is listening on port {address.port or 80}"
    return (
        f"{address.hostname} cannot be reached: in a browser, requests go to servers of this "
        "notebook only"
    )


class _Head:
    """What `requests` reads cookies from."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self.msg = http.client.HTTPMessage()
        for name, value in headers:
            self.msg.add_header(name, value)

    def isclosed(self) -> bool:
        return True

    def close(self) -> None: ...


def _raw(request: requests.PreparedRequest, answer: Answer) -> HTTPResponse:
    bare = request.method == "HEAD" or answer.status in _NO_BODY
    return HTTPResponse(
        body=io.BytesIO(b"" if bare else answer.body),
        headers=HTTPHeaderDict(answer.headers),
        status=answer.status,
        reason=answer.reason,
        preload_content=False,
        request_method=request.method,
        original_response=_Head(answer.headers),  # type: ignore[arg-type]
    )


def route_requests() -> None:
    """Let every session of `requests` send through this module."""
    requests.Session.get_adapter = _in_process  # type: ignore[method-assign,assignment]


def _in_process(session: requests.Session, url: str | bytes) -> BaseAdapter:
    return InProcessAdapter()
