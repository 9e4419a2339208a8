"""Start a web server from a notebook cell, replace it when the cell runs again, and stop it."""

import atexit
import hashlib
import os
import sys
import threading
from collections.abc import Hashable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from workbench import processes
from workbench.browser import IN_BROWSER, refuse
from workbench.logs import ServerFailed
from workbench.threads import HOST, ASGIRunner, PortBusy, WSGIRunner, interface_of, listen

if IN_BROWSER:
    from workbench.in_process import InProcessRunner, route_requests

    route_requests()

__all__ = ["PortBusy", "Server", "ServerFailed", "notebook_names", "serve", "serve_object"]


class _Runner(Protocol):
    """What runs a server: a thread or a process."""

    port: int
    pid: int | None

    @property
    def running(self) -> bool: ...
    def mark(self) -> int: ...
    def read(self, since: int = 0) -> str: ...
    def stop(self, wait: float = ...) -> None: ...


class Server:
    """A server that runs until it is stopped, replaced, or the notebook's kernel ends.

    As a context manager it stops at the end of the block.
    """

    def __init__(self, runner: _Runner, name: str, kind: str) -> None:
        """Wrap what `serve` has started; use `serve` to get one."""
        self._runner = runner
        self._name = name
        self._kind = kind

    @property
    def url(self) -> str:
        """The address, such as "http://127.0.0.1:8000", with no slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._runner.port

    @property
    def pid(self) -> int | None:
        """The server's process id; None for an app object, which runs in this process."""
        return self._runner.pid

    @property
    def log(self) -> str:
        """Everything that the server and the app have written, at most the last megabyte.

        There is a line for each request, such as "GET /tracks 200", and the tracebacks of the app.
        What an app prints, logs or warns is here and not in the notebook. Some server programs
        write a line only after they have answered.
        """
        return self._runner.read()

    def log_mark(self) -> int:
        """Return the present end of the log, for `log_since`."""
        return self._runner.mark()

    def log_since(self, mark: int) -> str:
        """Return what was written to the log after `mark`."""
        return self._runner.read(mark)

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._runner.running

    def stop(self) -> None:
        """Stop the server and all that it started. A server that is stopped stays so."""
        _forget(self)
        self._runner.stop()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    def __repr__(self) -> str:
        """Return words without the port, so that outputs stay comparable."""
        state = "running" if self.running else "stopped"
        return f"<Server {self._name!r} ({self._kind}), {state}>"


def serve(
    target: object,
    server: str | None = None,
    *,
    port: int | None = None,
    workers: int = 1,
    threads: int | None = None,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 20.0,
    name: str | None = None,
    access_log: bool = True,
) -> Server:
    """Start a server, wait until it answers, and return it.

    Running the cell again replaces the server, and so does asking for a port that another server
    of this notebook uses.

    Args:
        target: an app object (a Flask or FastAPI app, a WSGI or ASGI function), which runs in a
            thread of this process; or "module:app" or "module:make_app()" for the server program
            named by `server`; or any command line, as text or as a list, in which {port} stands
            for the port (it is also in the environment, as PORT).
        server: "gunicorn", "waitress", "uvicorn", "granian" (ASGI) or "granian-wsgi".
        port: the TCP port; None finds a free one.
        workers: how many processes serve (gunicorn, uvicorn, granian).
        threads: how many threads a worker has (gunicorn, waitress, granian-wsgi).
        cwd: the folder in which a server process runs; None is the present one.
        env: environment variables for a server process, added to those of this process.
        timeout: seconds to wait for the first answer.
        name: a name of your own by which a later call replaces this server.
        access_log: whether a server process writes a line a request (waitress never does).
            Writing them costs time: use False in a measurement of very short requests.

    Raises:
        TypeError: `target` is not a web application.
        ValueError: the options do not fit the server.
        ServerFailed: it did not start, with the end of its log; also when the port is in use or
            a program is missing.
    """
    _allow_django()
    if isinstance(target, str) or _is_word_list(target):
        refuse("server processes")
        return _serve_process(
            target,
            server,
            port=port,
            workers=workers,
            threads=threads,
            cwd=Path(cwd or Path.cwd()),
            env={variable: str(value) for variable, value in (env or {}).items()},
            timeout=timeout,
            name=name,
            access_log=access_log,
        )
    if server is not None or workers != 1 or threads is not None or cwd or env:
        raise ValueError(
            "an app object runs in a thread of this notebook: server=, workers=, threads=, cwd= "
            "and env= are for real server processes. Write the app to a file and name it, "
            'such as serve("shop:app", "gunicorn", workers=2)'
        )
    interface_of(target)  # before the key: making it stops the servers of the cell's last run
    return serve_object(
        target, key=_key(name, ("object", id(target))), port=port, timeout=timeout, label=name
    )


def _is_word_list(target: object) -> bool:
    return isinstance(target, (list, tuple)) and all(isinstance(word, str) for word in target)


def serve_object(
    app: object,
    *,
    key: Hashable,
    label: str | None = None,
    port: int | None = None,
    timeout: float = 20.0,
) -> Server:
    """Serve an app object in a thread, in place of an earlier server with the same key."""
    _allow_django()
    asynchronous = interface_of(app) == "asgi"
    label = label or getattr(app, "__name__", None) or type(app).__name__
    _make_room(key, port)
    if IN_BROWSER:
        here = InProcessRunner(app, label, port, asynchronous=asynchronous)
        return _remember(key, Server(here, label, "thread"))
    kind = ASGIRunner if asynchronous else WSGIRunner
    return _remember(key, Server(kind(app, label, port, timeout), label, "thread"))


def _serve_process(
    target: Any,
    server: str | None,
    *,
    port: int | None,
    name: str | None,
    cwd: Path,
    **options: Any,
) -> Server:
    text = target if isinstance(target, str) else " ".join(target)
    if server is not None and server not in processes.SERVERS:
        raise ValueError(
            f"server={server!r} is unknown: choose one of {', '.join(processes.SERVERS)}"
        )
    if server is None:
        if isinstance(target, str) and processes.is_app_reference(target):
            raise ValueError(
                f'name the server program for {target!r}, such as serve({target!r}, "gunicorn")'
            )
        if options["workers"] != 1 or options["threads"] is not None:
            raise ValueError("write the workers and threads of your own command line into it")
    if not cwd.is_dir():
        raise ValueError(f"cwd={str(cwd)!r} is not a folder")
    key = _key(name, (text, server))
    _make_room(key, port)
    if port is not None:
        listen(port).close()
    label = name or text
    runner = processes.start(target, server, label, port=port, cwd=cwd, **options)
    return _remember(key, Server(runner, label, server or "process"))


# The servers of this process, by the key that says which one replaces which.
_servers: dict[Hashable, Server] = {}
_lock = threading.RLock()
_owner = os.getpid()
_cell_runs: dict[str, tuple[str, int]] = {}


def _remember(key: Hashable, server: Server) -> Server:
    with _lock:
        _servers[key] = server
    return server


def _forget(server: Server) -> None:
    with _lock:
        for key in [key for key, known in _servers.items() if known is server]:
            del _servers[key]


def _make_room(key: Hashable, port: int | None) -> None:
    """Stop the server that has this key, and our own server on this port."""
    with _lock:
        found = [s for k, s in _servers.items() if k == key or s.port == port]
    for server in found:
        server.stop()


def _key(name: str | None, otherwise: Hashable) -> Hashable:
    """Return what identifies a server: its name, else its place in a cell, else its target."""
    if name is not None:
        return ("name", name)
    cell = _running_cell()
    if cell is None:
        return otherwise
    place, execution = cell
    with _lock:
        last, count = _cell_runs.get(place, ("", 0))
        count = count + 1 if last == execution else 1
        _cell_runs[place] = (execution, count)
        # The first server of a new run: those of the earlier run go, also if there were more.
        old = [s for k, s in _servers.items() if isinstance(k, tuple) and k[:2] == ("cell", place)]
    if count == 1:
        for server in old:
            server.stop()
    return ("cell", place, count)


def _shell() -> Any:
    """Return IPython's shell, or None in plain Python."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _running_cell() -> tuple[str, str] | None:
    """Return what identifies the running cell and its execution, or None outside a notebook."""
    try:
        parent = _shell().get_parent()
        execution = str(parent["header"]["msg_id"])
        cell = (parent.get("metadata") or {}).get("cellId")
        source = str(parent["content"]["code"])
    except (AttributeError, KeyError, TypeError):
        return None
    return str(cell or hashlib.sha256(source.encode()).hexdigest()), execution


def notebook_names() -> Mapping[str, object] | None:
    """Return the notebook's own names, or None in plain Python."""
    shell = _shell()
    return None if shell is None else shell.user_ns


def _allow_django() -> None:
    """Let Django's ORM work in a kernel, where an event loop runs in the main thread."""
    if _shell() is not None:
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@atexit.register
def _stop_all() -> None:
    if os.getpid() != _owner:
        return  # a forked child must leave its parent's servers alone
    for server in list(_servers.values()):
        server._runner.stop(0 if server.pid is not None else 1.0)
