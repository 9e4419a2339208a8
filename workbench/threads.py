"""Serve an app object in a thread of this process: for learning, never for measuring."""

import errno
import functools
import inspect
import os
import socket
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any, Literal

from workbench.logs import MemoryLog, ServerFailed, serve_into

HOST = "127.0.0.1"
WINDOWS = os.name == "nt"

_WANTED = (
    "serve() takes a Flask or FastAPI app, a WSGI function (environ, start_response), "
    'an ASGI function (scope, receive, send), or a text such as "shop:app" or "node app.js {port}"'
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class PortBusy(ServerFailed):
    """The port that was asked for belongs to a program which is not ours."""

    def __init__(self, port: int) -> None:
        """Say that `port` is taken and what to do."""
        super().__init__(
            f"port {port} is in use by a program that this notebook did not start. Stop that "
            f"program, choose another port, or leave port= out and a free one is found"
        )


def interface_of(app: object) -> Literal["wsgi", "asgi"]:
    """Tell which interface an app speaks.

    Raises TypeError, in words, when `app` is not a web application.
    """
    kind = type(app).__name__
    if inspect.ismodule(app):
        raise TypeError(f"{app.__name__!r} is a module, not a web application: name the app in it")
    if inspect.isclass(app):
        raise TypeError(
            f"{app.__name__} is a class: serve an object made from it, {app.__name__}()"
        )
    if not callable(app):
        raise TypeError(f"an object of type {kind!r} is not a web application: {_WANTED}")
    call = app if inspect.isroutine(app) else getattr(app, "__call__", app)  # noqa: B004
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        wanted: Literal["wsgi", "asgi"] = "asgi"
    else:
        wanted = "asgi" if _takes(app, 3) and not _takes(app, 2) else "wsgi"
    if not _takes(app, 3 if wanted == "asgi" else 2):
        name = getattr(app, "__name__", kind)
        if _takes(app, 0):
            raise TypeError(
                f"{name} takes no arguments, so it is not a web application; "
                f"if it makes one, call it: serve({name}())"
            )
        raise TypeError(f"{name} does not take the arguments of a web application: {_WANTED}")
    return wanted


def _takes(app: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(app).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # written in C and without a signature: nothing is known against it
        return True
    return True


def listen(port: int | None) -> socket.socket:
    """Return a socket that listens on `port`, or on a free port when it is None.

    Raises PortBusy when somebody else listens there.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port is not None and _answers(port):  # macOS lets two programs share a port
            raise PortBusy(port)
        if not WINDOWS:  # there it would let two programs share a port; here it ends a wait
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port or 0))
            listener.listen(128)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES) and port is not None:
                raise PortBusy(port) from None
            raise
    except BaseException:
        listener.close()
        raise
    return listener


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class ThreadRunner(ABC):
    """A server in a daemon thread. Subclasses say how it runs, stops and gets ready."""

    pid: int | None = None

    def __init__(self, app: Any, label: str, port: int | None, timeout: float) -> None:
        """Start serving and wait until requests are answered; raise ServerFailed otherwise."""
        self._log = MemoryLog()
        self._label = label
        listener = listen(port)
        self.port: int = listener.getsockname()[1]
        try:
            self._prepare(app, listener)
            self._thread = threading.Thread(
                target=self._serve, name=f"workbench {label}", daemon=True
            )
            self._thread.start()
            self._wait(timeout)
        except BaseException:
            listener.close()
            raise

    @abstractmethod
    def _prepare(self, app: Any, listener: socket.socket) -> None: ...

    @abstractmethod
    def _run(self) -> None: ...

    @abstractmethod
    def _ask_to_stop(self) -> None: ...

    @abstractmethod
    def _is_ready(self) -> bool: ...

    def _serve(self) -> None:
        serve_into(self._log)
        try:
            self._run()
        except SystemExit:
            pass  # how uvicorn says that the app's start-up failed; its log has the reason
        except Exception:
            self._log.write(traceback.format_exc())

    def _wait(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        while not self._is_ready():
            if not self._thread.is_alive():
                raise ServerFailed(
                    f"the server of {self._label!r} ended while it was starting", self.read()
                )
            if time.monotonic() > until:
                self._ask_to_stop()
                raise ServerFailed(
                    f"the server of {self._label!r} was not ready after {timeout:g} s", self.read()
                )
            time.sleep(0.005)

    @property
    def running(self) -> bool:
        """Whether the thread still serves."""
        return self._thread.is_alive()

    def mark(self) -> int:
        """Return the present end of the log, for `read`."""
        return self._log.mark()

    def read(self, since: int = 0) -> str:
        """Return the log from the place `since` on."""
        return self._log.text(since)

    def stop(self, wait: float = 3.0) -> None:
        """End the server and wait at most `wait` seconds for its thread."""
        if self._thread.is_alive():
            self._ask_to_stop()
            self._thread.join(wait)


class WSGIRunner(ThreadRunner):
    """Serves a WSGI app with Werkzeug, one thread a request."""

    def _prepare(self, app: Any, listener: socket.socket) -> None:
        from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

        log = self._log

        class Handler(WSGIRequestHandler):
            def make_environ(self) -> dict[str, Any]:
                serve_into(log)
                environ = super().make_environ()
                environ["wsgi.errors"] = log
                return environ

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                path = getattr(self, "path", None)
                line = f"{self.command} {path}" if path else self.requestline
                log.write(f"{line.translate(self._control_char_table)} {int(code)}\n")

            def log(self, type: str, message: str, *args: Any) -> None:
                log.write(f"{message % args if args else message}\n")

        class Server(ThreadedWSGIServer):
            daemon_threads = True

            def log(self, type: str, message: str, *args: Any) -> None:
                pass  # only errors of the app come here, and `logged` has written them

        self._server = Server(
            HOST, self.port, logged(app, log), handler=Handler, fd=listener.fileno()
        )
        listener.close()  # the server works on a copy

    def _run(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def _ask_to_stop(self) -> None:
        self._server.shutdown()

    def _is_ready(self) -> bool:
        return True  # the socket listens already; connections wait until the loop runs


def logged(app: Any, log: MemoryLog) -> Any:
    """Return `app` with its errors written to `log` before the client can see the answer."""

    @functools.wraps(app, updated=())
    def logged(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started = sent = False

        def start(*args: Any, **more: Any) -> Any:
            nonlocal started
            started = True
            return start_response(*args, **more)

        def chunks() -> Iterator[bytes]:
            nonlocal sent
            result: Any = None
            try:
                result = app(environ, start)
                for chunk in result:
                    if not isinstance(chunk, bytes):
                        raise TypeError(
                            "the application must send bytes, "
                            f"but it sent an object of type {type(chunk).__name__!r}"
                        )
                    if not started:
                        raise RuntimeError("the application did not call start_response")
                    sent = True
                    yield chunk
                if not started:
                    raise RuntimeError("the application did not call start_response")
            except Exception:
                request = f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}"
                log.write(f"Exception on {request}\n{traceback.format_exc()}")
                if sent:
                    raise  # too late for an answer: Werkzeug hangs up
                # Raised on, the error would be answered only after Werkzeug has waited for the
                # rest of the body, and the client waits for the answer before it ends the body.
                plain = [("Content-Type", "text/plain; charset=utf-8")]
                start_response("500 INTERNAL SERVER ERROR", plain, sys.exc_info())
                yield b"Internal Server Error"
            finally:
                if hasattr(result, "close"):
                    result.close()

        return chunks()

    return logged


class ASGIRunner(ThreadRunner):
    """Serves an ASGI app with Uvicorn on an event loop of its own."""

    def _prepare(self, app: Any, listener: socket.socket) -> None:
        import uvicorn

        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                logged_async(app, self._log),
                loop="asyncio",
                interface="asgi3",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])

    def _ask_to_stop(self) -> None:
        self._server.should_exit = True

    def _is_ready(self) -> bool:
        return self._server.started


def logged_async(app: Any, log: MemoryLog) -> Any:
    """Return `app` with access lines and errors written to `log` before the client is answered."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        # Frameworks answer 500 first and raise afterwards. The answer waits for the traceback.
        held: list[MutableMapping[str, Any]] = []
        started = False

        async def send_in_order(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if message["status"] == 500:
                    held.append(message)
                    return
                log.write(f"{scope['method']} {path} {message['status']}\n")
            if held:
                held.append(message)
            else:
                await send(message)

        try:
            await app(scope, receive, send_in_order)
        except Exception:
            if started and not held:
                raise  # too late for an answer: uvicorn writes to the log and hangs up
            log.write(f"Exception on {scope['method']} {path}\n{traceback.format_exc()}")
            if not started:
                held.extend(_plain_500())
        if held:
            log.write(f"{scope['method']} {path} 500\n")
        for message in held:
            await send(message)

    return logged


def _plain_500() -> list[MutableMapping[str, Any]]:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    return [
        {"type": "http.response.start", "status": 500, "headers": headers},
        {"type": "http.response.body", "body": b"Internal Server Error"},
    ]
