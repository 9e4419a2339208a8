"""Run a server, and end it when its owner is gone. Standard library only; run as a script.

    python guard.py LOG FOLDER OWNER -- COMMAND...

The owner (a notebook kernel) holds the other end of standard input. When the owner stops, restarts
or is killed, that pipe closes. A forked child of the owner may keep it open, so the owner's process
id is watched as well. Either way the server and all its descendants are ended, and FOLDER, which
holds the log, is removed. The word "stop" on the pipe ends the server and keeps the folder.

The first line of output is the server's process id, or "error" and a sentence. The exit code is the
server's; a server ended by signal N gives 128 + N.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

POSIX = sys.platform != "win32"
GRACE = 2.0
"""Seconds that a server gets to end by itself."""


def main(arguments: list[str]) -> int:
    """Run the command, wait until it ends or nobody wants it any more, return the exit code."""
    log, folder, owner = arguments[:3]
    command = arguments[4:]
    adopt_orphans()
    try:
        with Path(log).open("ab") as output:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=POSIX,
            )
    except OSError as error:
        print(f"error {error}", flush=True)
        return 127
    print(server.pid, flush=True)

    over, abandoned = threading.Event(), threading.Event()

    def watch_pipe() -> None:
        if b"stop" not in sys.stdin.buffer.read():
            abandoned.set()

    def watch_owner() -> None:
        while os.getppid() == int(owner):
            time.sleep(0.5)
        abandoned.set()

    def start(watch: Callable[[], object]) -> None:
        def run() -> None:
            watch()
            over.set()

        threading.Thread(target=run, daemon=True).start()

    start(server.wait)
    start(watch_pipe)
    if POSIX:  # Windows keeps the number of a parent that has ended, and has no forks
        start(watch_owner)
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: over.set())
    over.wait()

    end(server)
    if abandoned.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    code = server.poll()
    return 1 if code is None else code if code >= 0 else 128 - code


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, where the system can do that."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def end(server: "subprocess.Popen[bytes]") -> None:
    """End the server and everything that it started: politely first, then for good."""
    if sys.platform == "win32":
        tree = ["taskkill", "/T", "/F", "/PID", str(server.pid)]
        subprocess.run(tree, capture_output=True, check=False)
        return
    known = descendants(os.getpid())
    send(signal.SIGTERM, server.pid, known)
    until = time.monotonic() + GRACE
    while time.monotonic() < until and descendants(os.getpid()):
        time.sleep(0.05)
    for _ in range(20):
        known = descendants(os.getpid())
        if not known:
            break
        send(signal.SIGKILL, server.pid, known)
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):
        while server.returncode is not None and os.waitpid(-1, os.WNOHANG)[0]:
            pass  # adopted orphans would stay as zombies


def send(number: signal.Signals, group: int, processes: set[int]) -> None:
    """Send a signal to a process group and to processes that may have left it."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        os.killpg(group, number)
    if number == signal.SIGTERM:
        return  # a second, direct one would make some servers skip their shutdown
    for process in processes:
        with contextlib.suppress(OSError):
            os.kill(process, number)


def descendants(ancestor: int) -> set[int]:
    """Return the process ids of all living children, grandchildren and so on."""
    children: dict[int, list[int]] = {}
    for process, parent in living():
        children.setdefault(parent, []).append(process)
    found: set[int] = set()
    waiting = [ancestor]
    while waiting:
        for process in children.get(waiting.pop(), []):
            if process not in found:
                found.add(process)
                waiting.append(process)
    return found


def living() -> list[tuple[int, int]]:
    """Return (process id, parent's id) of every process that has not ended."""
    pairs = []
    if Path("/proc/self/stat").exists():
        for file in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended while we looked
                # The name in brackets may hold anything, so read what follows the last bracket.
                state, parent = file.read_text(errors="replace").rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    pairs.append((int(file.parent.name), int(parent)))
        return pairs
    lister = subprocess.Popen(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True
    )
    for line in lister.communicate()[0].splitlines():
        process, parent, state = line.split()[:3]
        if int(process) != lister.pid and not state.startswith("Z"):
            pairs.append((int(process), int(parent)))
    return pairs


if __name__ == "__main__":
    # Threads that still wait on the pipe must not hold up the end.
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
