"""Child processes: run one to its end, or follow its output line by line; leave none behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.errors import Terminated

if TYPE_CHECKING:
    from types import FrameType

# In a session of its own Ctrl-C does not reach the child: we end it, and all that it started.
OWN_SESSION = os.name == "posix"
_PATIENCE = 30  # seconds that a command gets to end by itself after Ctrl-C


def raise_on_signals() -> None:
    """Make a request to end this process (SIGTERM, a closed terminal) raise `Terminated`."""

    def handler(number: int, frame: "FrameType | None") -> None:
        raise Terminated(number)

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # nohup ignores SIGHUP on purpose; that stays as it is.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, handler)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and friends for a short clean-up."""
    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, signal.SIG_IGN) or signal.SIG_DFL
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop(process: "subprocess.Popen[str]", *, patience: float) -> None:
    """End a child that runs in a session of its own, with everything in that session.

    Parameters:
        process: started with ``start_new_session=OWN_SESSION``.
        patience: seconds that it gets to end by itself after being asked.
    """
    with uninterrupted():
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            # The console has sent Ctrl-C to the child as well.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            process.kill()
        process.wait()


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command on our own terminal and return its exit code.

    Ctrl-C reaches the command from the terminal and it answers in its own way; a second
    Ctrl-C, or 30 s, ends it.
    """
    process = subprocess.Popen(command, cwd=cwd, env=env)
    try:
        code = process.wait()
    except KeyboardInterrupt as interrupt:
        if isinstance(interrupt, Terminated):
            process.terminate()
        try:
            code = process.wait(_PATIENCE)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.terminate()
            try:
                code = process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
    return 128 - code if code < 0 else code


def follow(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
    descriptors: Sequence[int] = (),
) -> tuple[int, str]:
    """Run a command, append its output to a log and hand it on line by line.

    Parameters:
        on_line: called with every line, without its end.
        on_tick: called about twice a second while nothing is printed.
        descriptors: file descriptors that the child inherits (POSIX only).

    Returns:
        The exit code and the last 200 lines.

    Raises:
        OSError: the program cannot be started, or the log cannot be written.
    """
    import queue  # only where needed: run() is on the way of every start
    import threading

    last: list[str] = []
    with log.open("a", encoding="utf-8") as record:
        record.write(f"$ {subprocess.list2cmdline(command)}\n")
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=OWN_SESSION,
            pass_fds=tuple(descriptors) if OWN_SESSION else (),
        )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

        def read() -> None:
            assert process.stdout is not None
            for text in process.stdout:
                lines.put(text)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            while True:
                try:
                    text = lines.get(timeout=0.5)
                except queue.Empty:
                    on_tick()
                    continue
                if text is None:
                    break
                record.write(text)
                last = [*last[-199:], text]
                on_line(text.rstrip("\r\n"))
            code = process.wait()
        except BaseException:
            stop(process, patience=5)
            raise
    return code, "".join(last)
