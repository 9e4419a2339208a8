"""The grader's end of the talk with a candidate. Whatever comes from there is a stranger's data."""

import io
import json
import re
import socket
import tarfile
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from nbformat.v4 import new_output

from grading.sandbox import Limits, Sandbox

PUT = 60.0  # seconds that storing files may take
GRACE = 5.0  # seconds that a candidate may be late with an answer
MOST_SAID = 8_000_000  # bytes of one answer

# Of the control characters these three may stay; the others can do things to a terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LostError(Exception):
    """The candidate answers no more. The message says why, for its learner and the instructor."""


class Candidate:
    """A learner's notebook as it runs in a sandbox.

    Args:
        limits: what the sandbox may use.

    Raises:
        grading.sandbox.SandboxError: no sandbox can be made here.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Start the candidate."""
        self._sandbox = Sandbox("candidate", limits)
        self._places = tempfile.TemporaryDirectory(prefix="apps-")
        self._listeners: list[socket.socket] = []
        self._unread = b""

    def put(self, files: Mapping[str, bytes]) -> None:
        """Put files into the candidate's working folder.

        Args:
            files: what they hold, by their paths in the folder.

        Raises:
            LostError: the candidate ended, or has no place for them.
        """
        if not files:
            return
        with tempfile.TemporaryFile() as parcel:
            with tarfile.open(fileobj=parcel, mode="w") as archive:
                for name, data in files.items():
                    member = tarfile.TarInfo(name)
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
            parcel.seek(0)
            self._ask({"put": len(files)}, parcel)
            problem = self._answer(PUT).get("problem")
        if problem:
            raise LostError(f"The files beside the notebook could not be stored: {problem}")

    def run(self, source: str, seconds: float) -> list[Any]:
        """Run a cell for at most `seconds`; return its outputs, made harmless.

        Raises:
            LostError: the candidate ended, or did not stop when its time was up.
        """
        self._ask({"run": source, "seconds": seconds})
        answer = self._answer(seconds + GRACE)
        outputs = answer.get("outputs")
        return [harmless(output) for output in outputs] if isinstance(outputs, list) else []

    def serve(self, name: str, seconds: float = 15.0) -> tuple[Path, str]:
        """Have the app of that name served; return the socket, and what prevents it or nothing.

        Raises:
            LostError: the candidate ended, or did not answer.
        """
        place = Path(self._places.name, str(len(self._listeners)))
        listener = socket.socket(socket.AF_UNIX)
        self._listeners.append(listener)
        # Made and held by us: in the sandbox there is only a handle to it, and no file.
        listener.bind(str(place))
        listener.listen(64)
        self._ask({"serve": name}, listener)
        problem = self._answer(seconds).get("problem")
        return place, _plain(problem)[:300] if isinstance(problem, str) else "no answer"

    def stop(self) -> None:
        """End the candidate and everything that it has started."""
        self._sandbox.stop()
        for listener in self._listeners:
            listener.close()
        self._places.cleanup()

    def _ask(self, order: dict[str, Any], handle: socket.socket | IO[bytes] | None = None) -> None:
        data = json.dumps(order).encode() + b"\n"
        grader = self._sandbox.socket
        grader.settimeout(GRACE)
        try:
            if handle is not None:
                sent = socket.send_fds(grader, [data], [handle.fileno()])
                data = data[sent:]
            grader.sendall(data)
        except OSError:
            raise LostError(self._why("ended")) from None

    def _answer(self, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = until - time.monotonic()
            if left <= 0:
                raise LostError(self._why("ran for too long and could not be stopped"))
            if len(self._unread) > MOST_SAID:
                raise LostError(self._why("said more than anybody reads"))
            self._sandbox.socket.settimeout(left)
            try:
                data = self._sandbox.socket.recv(1 << 16)
            except TimeoutError:
                continue
            except OSError:
                data = b""
            if not data:
                raise LostError(self._why("ended"))
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise LostError(self._why("said something that is no answer"))
        return answer

    def _why(self, what: str) -> str:
        broken = f": {self._sandbox.broken}" if self._sandbox.broken else ""
        return f"The Python that ran the notebook {what}{broken}."


def harmless(output: Any) -> Any:
    """Return an output that has the form which nbformat asks for, with text and pictures alone."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return new_output("stream", name=name, text=_plain(text))
        case {"output_type": "error", "ename": str(name), "evalue": str(value)}:
            lines = output.get("traceback")
            shown = [_plain(line) for line in lines if isinstance(line, str)] if lines else []
            return new_output("error", ename=_plain(name), evalue=_plain(value), traceback=shown)
        case {"output_type": "execute_result" | "display_data" as kind, "data": dict(data)}:
            kept = {
                name: _plain(value) if name == "text/plain" else _picture(value)
                for name, value in data.items()
                if name in ("text/plain", "image/png") and isinstance(value, str)
            }
            more = {"execution_count": None} if kind == "execute_result" else {}
            return new_output(kind, data=kept, **more)
    return new_output("stream", name="stderr", text="[an output that cannot be shown]\n")


def _plain(text: str) -> str:
    # A lone surrogate cannot be written to a file.
    return CONTROL.sub("", text.encode("utf-8", "replace").decode())


def _picture(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9+/=\s]*", text) else ""
