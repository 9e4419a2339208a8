"""The grader's end of the talk with the process that forks programs into sandboxes."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

START = 120.0  # seconds that its imports may take, on a busy machine
ANSWER = 30.0

COURSE = Path(__file__).resolve().parent.parent


class ZygoteError(Exception):
    """A program could not be put into a sandbox. The message says why."""


def mark() -> str:
    """Return the last argument of all that is made into a sandbox for this process."""
    return f"grader-{os.getpid()}"


class _Zygote:
    """A process with everything imported, which copies itself into sandboxes."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        handle, wanted = str(theirs.fileno()), json.dumps(packages)
        # Nothing of the grader's surroundings gets into the copies.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grading.forking", handle, mark(), wanted],
            pass_fds=[theirs.fileno()],
            cwd="/",
            env={
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(COURSE),
                "PYTHONDONTWRITEBYTECODE": "1",
                "MPLBACKEND": "Agg",
                "OPENBLAS_NUM_THREADS": "1",  # with more than one thread it could not be copied
                "IPYTHONDIR": "/nonexistent",
                "MPLCONFIGDIR": "/nonexistent",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._started = False

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def fork(self, order: Mapping[str, Any], handle: socket.socket) -> int:
        """Start a program in a sandbox, with a socket to it; return its process."""
        with self._lock:
            try:
                if not self._started:
                    self._socket.settimeout(START)
                    self._started = self._socket.recv(1) == b"\n"
                self._socket.settimeout(ANSWER)
                socket.send_fds(self._socket, [json.dumps(order).encode()], [handle.fileno()])
                answer = json.loads(self._socket.recv(1 << 16))
            except (OSError, ValueError) as error:
                self.stop()
                raise ZygoteError(f"the process that makes copies has failed: {error!r}") from None
        if answer["problem"]:
            raise ZygoteError(answer["problem"])
        return int(answer["process"])

    def stop(self) -> None:
        self._socket.close()
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()


_present: _Zygote | None = None
_choosing = threading.Lock()


def warm_up(packages: Sequence[str]) -> None:
    """Have a process import packages from now on, if none has them yet.

    Args:
        packages: what the notebooks import that will be run.
    """
    global _present
    with _choosing:
        if _present and _present.usable and set(packages) <= set(_present.packages):
            return
        if _present is None:
            atexit.register(_end)
        elif _present.owner == os.getpid():
            _present.stop()
        _present = _Zygote(tuple(packages))


def fork(order: Mapping[str, Any], handle: socket.socket) -> int:
    """Start a program in a sandbox that has been made; see `grading.forking` for the order.

    Returns:
        The number of its process.

    Raises:
        ZygoteError: it could not be started.
    """
    warm_up(())
    assert _present is not None
    return _present.fork(order, handle)


def _end() -> None:
    if _present is not None and _present.owner == os.getpid():
        _present.stop()
