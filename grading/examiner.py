"""The grader's end of the talk with the examiner, which it starts once and keeps."""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output

from grading.candidate import harmless

GRACE = 10.0  # seconds that the examiner may be late with an answer


class ExaminerError(Exception):
    """The examiner does not work. That is a fault of the grader's, and no learner's."""


class Examiner:
    """One run of the checks of one notebook.

    Raises:
        ExaminerError: the examiner could not be started.
    """

    def __init__(self) -> None:
        """Have the examiner begin anew."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(GRACE)
        try:
            self._socket.connect(_address())
            self._stream = self._socket.makefile("rwb")
            self._process = int(json.loads(self._stream.readline())["ready"])
        except (OSError, ValueError, KeyError) as error:
            raise ExaminerError(f"The examiner does not answer: {error!r}") from None

    def check(self, source: str, seconds: float, apps: Mapping[str, tuple[Path, str]]) -> list[Any]:
        """Run a check for at most `seconds`.

        Args:
            source: the check, as the instructor wrote it.
            seconds: how long it may run.
            apps: for each name that it connects to, the socket, and what prevented it or nothing.
        """
        places = {name: (str(place), problem) for name, (place, problem) in apps.items()}
        order = {"check": source, "seconds": seconds, "apps": places}
        self._socket.settimeout(seconds + GRACE)
        try:
            self._stream.write(json.dumps(order).encode() + b"\n")
            self._stream.flush()
            answer = json.loads(self._stream.readline())
        except (OSError, ValueError):
            self.stop()
            message = "The check ran for too long and was stopped."
            error = new_output("error", ename="TimeUp", evalue=message, traceback=[message])
            return [error]
        return [harmless(output) for output in answer["outputs"]]

    def stop(self) -> None:
        """End this run."""
        self._socket.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)


def warm_up() -> None:
    """Start the process of the examiner, so that the first notebook need not wait for it.

    Raises:
        ExaminerError: it could not be started.
    """
    _address()


_server: tuple[int, "subprocess.Popen[str]", str] | None = None
_starting = threading.Lock()


def _address() -> str:
    """Return the socket of the examiner, which is started if it does not run."""
    with _starting:
        return _started()


def _started() -> str:
    global _server
    if _server is None or _server[0] != os.getpid() or _server[1].poll() is not None:
        folder = tempfile.mkdtemp(prefix="examiner-")
        place = str(Path(folder, "socket"))
        process = subprocess.Popen(
            [sys.executable, "-m", "grading.examining", place],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise ExaminerError("The examiner could not be started.")
        _server = os.getpid(), process, place
        atexit.register(_end, process, folder)
    return _server[2]


def _end(process: "subprocess.Popen[str]", folder: str) -> None:
    process.kill()
    process.wait()
    for path in (Path(folder, "socket"), Path(folder)):
        with contextlib.suppress(OSError):
            path.unlink() if path.is_socket() else path.rmdir()
