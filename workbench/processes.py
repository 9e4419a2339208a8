"""Serve with a real server program in a process of its own: for measuring, and as in production."""

import contextlib
import functools
import http.client
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench import guard
from workbench.logs import LIMIT, ServerFailed, last_error
from workbench.threads import HOST, WINDOWS, listen

SERVERS = ("gunicorn", "waitress", "uvicorn", "granian", "granian-wsgi")
"""The servers that take a "module:app"."""

_APP = re.compile(r"^(?P<place>[A-Za-z_][\w.]*:[A-Za-z_][\w.]*)(?P<call>\(.*\))?$")
_PROBE = "/-is-it-up-"
"""The path that is asked for while waiting; lines with it are left out of the log."""
_IN_USE = re.compile(
    r"(address|connection|port)\b.{0,40}\bin use|EADDRINUSE|errno (98|48)\b|WinError 10048",
    re.IGNORECASE,
)
_HOW_TO_INSTALL = {
    "node": ("apt install nodejs", "brew install node", "winget install OpenJS.NodeJS.LTS"),
    "npm": ("apt install npm", "brew install node", "winget install OpenJS.NodeJS.LTS"),
    "npx": ("apt install npm", "brew install node", "winget install OpenJS.NodeJS.LTS"),
    "java": (
        "apt install default-jdk",
        "brew install openjdk",
        "winget install Microsoft.OpenJDK.21",
    ),
    "php": ("apt install php-cli", "brew install php", "winget install PHP.PHP.8.4"),
    "nginx": ("apt install nginx", "brew install nginx", "winget install nginxinc.nginx"),
    "redis-server": (
        "apt install redis-server",
        "brew install redis",
        "winget install Redis.Redis",
    ),
}


def is_app_reference(text: str) -> bool:
    """Tell whether `text` names an app or a factory in a module: "shop:app", "shop:make()"."""
    return bool(_APP.match(text))


def command_for(
    target: str,
    server: str,
    port: int,
    folder: Path,
    *,
    workers: int,
    threads: int | None,
    access_log: bool,
) -> list[str]:
    """Return the command line that serves a "module:app" with a server from `SERVERS`.

    Raises ServerFailed when the server cannot run here, ValueError when it has no such option.
    """
    app = _APP.match(target)
    if not app:
        raise ValueError(f'{server} serves a "module:app" or a "module:make_app()", not {target!r}')
    program = server.removesuffix("-wsgi")
    if program == "gunicorn" and WINDOWS:
        raise ServerFailed(
            "gunicorn runs on Linux and macOS only, because its workers are forks. On Windows use "
            'server="waitress" or "granian-wsgi" for a WSGI app, "uvicorn" or "granian" for ASGI'
        )
    if importlib.util.find_spec(program) is None:
        raise ServerFailed(
            f"the server {program!r} is not installed in this Python environment. Install it with "
            f"`{Path(sys.executable).name} -m pip install {program}` and run this cell again"
        )
    place, call = app["place"], app["call"]
    if call and call != "()" and program != "gunicorn":
        raise ValueError(f"{server} calls a factory without arguments: write {place + '()'!r}")
    if threads is not None and server in ("uvicorn", "granian"):
        raise ValueError(
            f"{server} has no threads= : an ASGI server waits on one event loop a worker"
        )
    line = [sys.executable, "-m", program]
    match program:
        case "gunicorn":
            line += [target, "--bind", f"{HOST}:{port}", "--workers", str(workers)]
            line += ["--threads", str(threads)] if threads else []
            line += ["--no-control-socket"] if _knows_control_socket() else []
            if access_log:
                line += ["--access-logfile", "-", "--access-logformat", "%(m)s %(U)s %(s)s"]
        case "waitress":
            if workers != 1:
                raise ValueError("waitress is one process: use threads= instead of workers=")
            line += [f"--listen={HOST}:{port}"]
            line += [f"--threads={threads}"] if threads else []
            line += ["--call", place] if call else [place]
        case "uvicorn":
            line += [place, "--host", HOST, "--port", str(port), "--workers", str(workers)]
            line += ["--factory"] if call else []
            if access_log:
                line += ["--log-config", _uvicorn_log_config(folder)]
            else:
                line += ["--no-access-log", "--no-use-colors"]
        case "granian":
            interface = "wsgi" if server.endswith("-wsgi") else "asgi"
            line += [place, "--interface", interface, "--host", HOST, "--port", str(port)]
            line += ["--workers", str(workers)]
            line += ["--blocking-threads", str(threads)] if threads else []
            line += ["--factory"] if call else []
            if access_log:
                line += ["--access-log", "--access-log-fmt", "%(method)s %(path)s %(status)d"]
    return line


@functools.cache
def _knows_control_socket() -> bool:
    """Tell whether this gunicorn would make a control socket in the home folder."""
    spec = importlib.util.find_spec("gunicorn")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    with contextlib.suppress(OSError):
        return "--no-control-socket" in (folder / "config.py").read_text(encoding="utf-8")
    return False


def _uvicorn_log_config(folder: Path) -> str:
    """Write uvicorn's logging settings with access lines as the other servers write them."""
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(levelname)s: %(message)s"},
            # uvicorn hands over (client, method, path, HTTP version, status)
            "access": {"format": "{args[1]} {args[2]} {args[4]}", "style": "{"},
        },
        "handlers": {
            "plain": {"class": "logging.StreamHandler", "formatter": "plain"},
            "access": {"class": "logging.StreamHandler", "formatter": "access"},
        },
        "loggers": {
            "uvicorn": {"handlers": ["plain"], "level": "INFO", "propagate": False},
            "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        },
    }
    file = folder / "uvicorn.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return str(file)


def split_command(target: str | Sequence[str], port: int) -> list[str]:
    """Return a command line as a list, with {port} filled in and "python" as this Python."""
    if isinstance(target, str):
        words = shlex.split(target, posix=not WINDOWS)
        words = [word.strip('"') for word in words] if WINDOWS else words
    else:
        words = [str(word) for word in target]
    if not words:
        raise ValueError("the command line is empty")
    words = [word.replace("{port}", str(port)) for word in words]
    if words[0] in ("python", "python3"):  # the environment of the course, whatever PATH says
        words[0] = sys.executable
    return words


def _program(name: str, path: str | None, cwd: Path) -> str:
    found = shutil.which(name, path=path)
    if found is None and (cwd / name).is_file():
        found = str(cwd / name)
    if found is None:
        linux, mac, windows = _HOW_TO_INSTALL.get(
            name, (f"apt install {name}", f"brew install {name}", f"winget install {name}")
        )
        raise ServerFailed(
            f"the program {name!r} was not found. Install it (Debian and Ubuntu: `sudo {linux}`, "
            f"macOS: `{mac}`, Windows: `{windows}`; names may differ), then restart JupyterLab "
            f"so that it finds the program"
        )
    return found


def free_port() -> int:
    """Return a port on which nobody listens."""
    with listen(None) as listener:
        return int(listener.getsockname()[1])


class ProcessRunner:
    """A server program under `workbench.guard`, which ends it when this process is gone."""

    def __init__(
        self,
        command: Sequence[str],
        label: str,
        port: int,
        folder: Path,
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        replaced_workers: int = 0,
    ) -> None:
        """Start the command and wait until it answers; raise ServerFailed otherwise."""
        self.port = port
        self._folder = folder
        self._file = folder / "server.log"
        self._file.touch()
        self._last: str | None = None
        self.pid: int | None = None
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            # A module that is written again within a second must not be read from a stale cache.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PORT": str(port),
            **env,
        }
        program = _program(command[0], environment.get("PATH"), cwd)
        detached = (
            {
                "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
                | getattr(subprocess, "CREATE_NO_WINDOW", 0)
            }
            if WINDOWS
            else {"start_new_session": 1}
        )
        self._guard = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(Path(guard.__file__))),
                *(str(self._file), str(folder), str(os.getpid()), "--", program, *command[1:]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env=environment,
            **detached,
        )
        try:
            self.pid = self._started(label)
            self._wait(label, timeout, replaced_workers)
        except BaseException:
            self.stop()
            raise

    def _started(self, label: str) -> int:
        assert self._guard.stdout is not None
        line = self._guard.stdout.readline().decode(errors="replace").strip()
        self._guard.stdout.close()
        if not line.isdigit():
            raise ServerFailed(f"{label!r} could not be started: {line.removeprefix('error ')}")
        return int(line)

    def _wait(self, label: str, timeout: float, replaced_workers: int) -> None:
        until = time.monotonic() + timeout
        while True:
            if not self.running:
                code = self._guard.wait()
                how = f"signal {code - 128}" if code > 128 and not WINDOWS else f"exit code {code}"
                raise ServerFailed(
                    f"the server {label!r} ended while it was starting, with {how}", self.read()
                )
            if self._answers() and not _IN_USE.search(self.read()):
                return
            if replaced_workers:
                log = self.read()
                if log.count("Process Spawn") >= replaced_workers and last_error(log):
                    raise ServerFailed(f"the workers of {label!r} end while they start", log)
            if time.monotonic() > until:
                raise ServerFailed(
                    f"the server {label!r} did not answer within {timeout:g} s on port {self.port}",
                    self.read(),
                )
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", _PROBE, headers={"Connection": "close"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    @property
    def running(self) -> bool:
        """Whether the server has not ended."""
        return self._guard.poll() is None

    def mark(self) -> int:
        """Return the present end of the log, for `read`."""
        return self._file.stat().st_size if self._file.exists() else 0

    def read(self, since: int = 0) -> str:
        """Return the log from the place `since` on, at most its last `LIMIT` bytes."""
        if self._last is not None:
            return self._last if not since else ""
        with contextlib.suppress(FileNotFoundError), self._file.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since, size - LIMIT))
            text = file.read().decode(errors="replace").replace("\r\n", "\n")
            return "".join(line for line in text.splitlines(True) if _PROBE not in line)
        return ""

    def stop(self, wait: float = guard.GRACE + 8) -> None:
        """End the server and everything it started; wait at most `wait` seconds for that.

        With `wait=0` the guard does the work alone and also removes the log.
        """
        assert self._guard.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            if wait:
                self._guard.stdin.write(b"stop")
            self._guard.stdin.close()
        if not wait:
            return
        try:
            self._guard.wait(wait)
        except subprocess.TimeoutExpired:  # it does not work any more: do what can be done here
            if sys.platform != "win32" and self.pid is not None:
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
            self._guard.kill()
            self._guard.wait()
        if self._last is None:
            self._last = self.read()
            shutil.rmtree(self._folder, ignore_errors=True)


def start(
    target: str | Sequence[str],
    server: str | None,
    label: str,
    *,
    port: int | None,
    workers: int,
    threads: int | None,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    access_log: bool,
) -> ProcessRunner:
    """Start a server process and wait until it answers; see `workbench.serve`."""
    attempts = 2 if port is None else 1
    while True:
        attempts -= 1
        chosen = free_port() if port is None else port
        folder = Path(tempfile.mkdtemp(prefix="workbench-"))
        try:
            if server is None:
                command = split_command(target, chosen)
            else:
                command = command_for(
                    str(target),
                    server,
                    chosen,
                    folder,
                    workers=workers,
                    threads=threads,
                    access_log=access_log,
                )
            return ProcessRunner(
                command,
                label,
                chosen,
                folder,
                cwd=cwd,
                env=env,
                timeout=timeout,
                # uvicorn replaces workers that fail, for ever
                replaced_workers=workers if server == "uvicorn" and workers > 1 else 0,
            )
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            # Between finding a free port and using it, another program may have taken it.
            if attempts and isinstance(error, ServerFailed) and _IN_USE.search(str(error)):
                continue
            raise
