"""What a server says: kept, cut to a size, made readable, and shown when the server fails."""

import io
import logging
import os
import re
import site
import sys
import sysconfig
import threading
from collections import deque
from contextvars import ContextVar
from pathlib import Path

LIMIT = 1_000_000
"""How many characters of a server's log are kept; older ones are dropped."""

_HERE = Path(__file__).parent
_STAMP = re.compile(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] ", re.MULTILINE)
_FRAME = re.compile(
    r'^(?P<indent>[ |+-]*)File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?$'
)
_CARETS = re.compile(r"^[ |]*[~^]+\s*$")
_WARNING = re.compile(r"^(?P<path>.+\.py):(?P<line>\d+): (?P<rest>\w*Warning: .*)$", re.MULTILINE)
_NOTEBOOK = re.compile(r"ipykernel_\d+[\\/]\d+\.py$|^<ipython-input|^<cell")
_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?::|$)")
_NEXT_ENTRY = re.compile(r"[A-Z]+ (/|in )|\[|INFO|During handling|The above exception|Traceback")
_CELL_LINE = re.compile(r"^[ |+-]*Notebook cell, line (\d+)", re.MULTILINE)


class ServerFailed(RuntimeError):  # noqa: N818 (it reads as a sentence)
    """A server could not be started, or it gave no answer; the message shows the end of its log."""

    def __init__(self, sentence: str, log: str | None = None) -> None:
        """Say what happened and, where there is a log, its last error and its last lines."""
        if log is not None:
            error = last_error(log)
            cause = f" ({error})" if error else ""
            sentence = f"{sentence}{cause}. The end of its log:\n\n{tail(log)}"
        super().__init__(sentence)


class MemoryLog(io.TextIOBase):
    """A text stream that keeps what was written last, at most `LIMIT` characters."""

    def __init__(self) -> None:
        """Begin an empty log."""
        super().__init__()
        self._chunks: deque[str] = deque()
        self._kept = 0
        self._dropped = 0
        self._lock = threading.Lock()

    def writable(self) -> bool:
        """Say that this stream can be written to."""
        return True

    def write(self, text: str, /) -> int:
        """Append `text` and forget the oldest text beyond the limit."""
        _written.count = _count_of_this_thread() + 1
        with self._lock:
            self._chunks.append(text[-LIMIT:])
            self._kept += len(self._chunks[-1])
            self._dropped += len(text) - len(self._chunks[-1])
            while self._kept > LIMIT:
                oldest = self._chunks.popleft()
                self._kept -= len(oldest)
                self._dropped += len(oldest)
        return len(text)

    def mark(self) -> int:
        """Return the place in the log where the next text will be written."""
        with self._lock:
            return self._dropped + self._kept

    def text(self, since: int = 0) -> str:
        """Return the text from the place `since` on, made readable."""
        with self._lock:
            kept, start = "".join(self._chunks), max(0, since - self._dropped)
        return tidy(kept[start:])


_written = threading.local()
_serving: ContextVar[MemoryLog | None] = ContextVar("workbench_serving", default=None)


def serve_into(log: MemoryLog) -> None:
    """Send all that this thread and its tasks print, warn and log from now on to `log`.

    A server thread shares `sys.stdout` and `sys.stderr` with the notebook. What an app prints,
    warns or logs would land below whichever cell happens to run, so the streams ask who writes.
    """
    _serving.set(log)
    if logging.Logger.callHandlers is not _call_handlers:
        logging.Logger.callHandlers = _call_handlers  # type: ignore[method-assign,assignment]
    for stream in (sys.stdout, sys.stderr):
        original = getattr(stream, "write", None)
        if original is None or getattr(original, "asks_who_writes", False):
            continue

        def write(text: str, /, *, original: object = original) -> int:
            log = _serving.get()
            return log.write(text) if log is not None else original(text)  # type: ignore[operator]

        write.asks_who_writes = True  # type: ignore[attr-defined]
        try:
            # On the object and not in place of it: handlers that already hold it are included.
            stream.write = write  # type: ignore[method-assign]
        except AttributeError:
            continue


def _count_of_this_thread() -> int:
    return getattr(_written, "count", 0)


def _call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
    """Pass a log record to its handlers, and on to the server's log if none of them did so.

    The handlers that a notebook has set up may write to a file, or pytest may hold them; the
    traceback of an app must be in its server's log all the same.
    """
    log, before = _serving.get(), _count_of_this_thread()
    _call_handlers_of_python(logger, record)
    if log is None or record.levelno < logging.WARNING or _count_of_this_thread() > before:
        return
    log.write(f"{record.levelname} in {record.name}: {_formatter.format(record)}\n")


_call_handlers_of_python = logging.Logger.callHandlers
_formatter = logging.Formatter()


def tidy(log: str) -> str:
    """Return `log` without times and machine paths, with short tracebacks.

    Lines of a notebook cell and of the learner's own files stay; a run of lines inside installed
    packages becomes one line that names them.
    """
    log = _WARNING.sub(_short_warning, _STAMP.sub("", log))
    if 'File "' not in log:
        return log
    lines: list[str] = []
    inside: list[str] = []
    indent = ""

    def close_run() -> None:
        packages = [package for package in dict.fromkeys(inside) if package != "workbench"]
        if packages:
            lines.append(f"{indent}... inside {', '.join(packages)}")
        inside.clear()

    belongs_to_frame = skipped = False
    for line in log.split("\n"):
        frame = _FRAME.match(line)
        if frame:
            indent, belongs_to_frame = frame["indent"], True
            package = _package_of(frame["path"])
            skipped = package is not None
            if package is not None:
                inside.append(package)
                continue
            close_run()
            place = f", line {frame['line']}" + (f", in {frame['name']}" if frame["name"] else "")
            lines.append(f"{indent}{_short(frame['path'])}{place}")
        elif belongs_to_frame and line.startswith(indent + "  "):
            if not skipped and not _CARETS.match(line):
                lines.append(line)
        else:
            belongs_to_frame = False
            close_run()
            lines.append(line)
    close_run()
    return "\n".join(lines)


def _package_of(path: str) -> str | None:
    """Return the name of the installed package that a file belongs to, None for other files."""
    if path.startswith("<frozen"):
        return "Python"
    paths = sysconfig.get_paths()
    # The last of each is how Pyodide's own files are called in tracebacks.
    for folder in (paths["purelib"], paths["platlib"], site.getsitepackages()[-1]):
        if path.startswith(folder):
            return re.split(r"[\\/]", path[len(folder) :].lstrip("\\/"))[0].removesuffix(".py")
    if Path(path).is_relative_to(_HERE):
        return "workbench"
    if path.startswith((paths["stdlib"], paths["platstdlib"], str(Path(os.__file__).parent))):
        return "Python"
    return None


def _short(path: str) -> str:
    if _NOTEBOOK.search(path):
        return "Notebook cell"
    for folder in (Path.cwd(), _HERE.parent):
        if Path(path).is_relative_to(folder):
            return f'File "{Path(path).relative_to(folder).as_posix()}"'
    return f'File "{path}"'


def _short_warning(match: re.Match[str]) -> str:
    package = _package_of(match["path"])
    place = f"inside {package}" if package else f"{_short(match['path'])}, line {match['line']}"
    return f"{place}: {match['rest']}"


def tail(log: str, lines: int = 40) -> str:
    """Return the last `lines` lines of `log`, or words that say that it is empty."""
    return "\n".join(log.rstrip().splitlines()[-lines:]) or "(the log is empty)"


def last_error(log: str, lines: int = 1) -> str | None:
    """Return what names the exception of the last traceback in `log`, if there is one.

    Args:
        log: the log of a server.
        lines: how many lines of a long message to give, joined by spaces.
    """
    start = log.rfind(_TRACEBACK)
    if start < 0:
        return None
    # In a group of exceptions each line begins with a margin such as "  | ".
    margin = log[log.rfind("\n", 0, start) + 1 : start].replace("+", "|")
    margin = margin.removesuffix("Exception Group ")
    found = log[start:].splitlines()[1:]
    for number, line in enumerate(found):
        if line.startswith(margin) and _EXCEPTION.match(line[len(margin) :]):
            message = [line[len(margin) :].rstrip()]
            for more in found[number + 1 : number + lines]:
                if not more.strip() or _NEXT_ENTRY.match(more):
                    break
                message.append(more.strip())
            return " ".join(message)
    return None


def last_line_of_the_notebook(log: str) -> int | None:
    """Return the line of a notebook's cell where the last error in `log` arose, if it was one."""
    places = _CELL_LINE.findall(log[max(0, log.rfind(_TRACEBACK)) :])
    return int(places[-1]) if places else None
