"""Forks programs into sandboxes: `python -m grading.forking FD MARK PACKAGES`.

To start Python and import a framework costs more than to grade an exercise. So it is done once,
in this process, which runs no stranger's code. A copy of it enters a sandbox that bubblewrap has
made, gives up all rights, and only then is handed to a learner.

FD is a Unix socket to the grader, MARK the last argument of every bubblewrap that it starts,
PACKAGES a list in JSON of what is imported before. A request is a line of JSON with a
socket beside it: {"inside": the process number 1 of the sandbox, "program": name, "home": folder,
"environment": …, "limits": …, "user": …}. The answer is {"process": number, "problem": text}.
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from grading.sandboxed import candidate, probe
from grading.sandboxed.cells import Cells
from grading.sandboxed.confined import confine

# In this order: each is entered with the rights that the one before has given.
SPACES = {
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
    "pid": 0x20000000,
    "mnt": 0x00020000,
}
USER_SPACE = 0x10000000
PARENT_OF_SPACE = 0xB702  # NS_GET_PARENT, see ioctl_ns(2)

# What the shell and the servers import when they are first used.
ALWAYS = (
    "asyncio",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.core.magics",
    "requests",
    "uvicorn",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "werkzeug.serving",
    "workbench",
    "workbench.session",
    "workbench.threads",
)

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Answer the grader's requests until it hangs up."""
    number, mark, packages = sys.argv[1:]
    with socket.socket(fileno=int(number)) as grader:
        try:
            _answer(grader, json.loads(packages))
        except OSError:
            pass  # it was killed while it was being answered
        finally:
            _end_what_is_left(mark.encode())


def _answer(grader: socket.socket, packages: list[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that have ended
    for package in (*ALWAYS, *packages):
        with contextlib.suppress(Exception):  # the notebook's own import will say it
            importlib.import_module(package)
    cells = Cells({"__name__": "__main__"})
    gc.collect()
    gc.freeze()
    grader.sendall(b"\n")
    while True:
        data, handles, _, _ = socket.recv_fds(grader, 1 << 16, 1)
        if not data:
            return
        answer = _start(json.loads(data), handles[0], cells)
        os.close(handles[0])
        grader.sendall(json.dumps(answer).encode() + b"\n")


def _end_what_is_left(mark: bytes) -> None:
    """End what a grader that was killed has left half made.

    bubblewrap ends with the grader. What it has cloned and not yet prepared does not: it waits
    for ever. Nobody's code has run in it. It may appear after the first look, so this looks until
    there has been none for a second.
    """
    last = begun = time.monotonic()
    while time.monotonic() - last < 1 and time.monotonic() - begun < 10:
        for place in Path("/proc").iterdir():
            if not place.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                if (place / "cmdline").read_bytes().endswith(b"\0" + mark + b"\0"):
                    os.kill(int(place.name), signal.SIGKILL)
                    last = time.monotonic()
        time.sleep(0.1)


def _start(order: dict[str, Any], handle: int, cells: Cells) -> dict[str, Any]:
    """Start a program in a sandbox; return its process, and what prevents it or nothing."""
    told, tell = os.pipe()
    if os.fork() == 0:
        os.close(told)
        try:
            _enter(order["inside"])
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            process = os.fork()
            if process == 0:  # only a new process is in the sandbox's space of processes
                _become(order, handle, tell, cells)
            _say(tell, {"process": process})
            os.closerange(3, 4096)
            os.waitpid(process, 0)
        except BaseException as error:
            _say(tell, {"problem": f"{type(error).__name__}: {error}"})
        os._exit(0)
    os.close(tell)
    answer: dict[str, Any] = {"process": 0, "problem": ""}
    with os.fdopen(told, "rb") as stream:
        for line in stream:
            answer |= json.loads(line)
    return answer


def _say(tell: int, what: dict[str, Any]) -> None:
    os.write(tell, json.dumps(what).encode() + b"\n")


def _enter(inside: int) -> None:
    """Enter the spaces of a process; see setns(2)."""
    os.environ.clear()
    spaces = {name: os.open(f"/proc/{inside}/ns/{name}", os.O_RDONLY) for name in SPACES}
    user = os.open(f"/proc/{inside}/ns/user", os.O_RDONLY)
    mine = Path("/proc/self/ns/user").stat().st_ino
    if os.fstat(user).st_ino != mine:
        # bubblewrap made the others in the space above, and this one to forbid further ones.
        above = fcntl.ioctl(user, PARENT_OF_SPACE)
        if os.fstat(above).st_ino != mine:
            _setns(above, USER_SPACE, "user")
    for name, kind in SPACES.items():
        _setns(spaces[name], kind, name)
    if os.fstat(user).st_ino != mine:
        _setns(user, USER_SPACE, "user")


def _setns(handle: int, kind: int, name: str) -> None:
    if _libc.setns(handle, kind):
        raise OSError(ctypes.get_errno(), f"setns {name}: {os.strerror(ctypes.get_errno())}")


def _become(order: dict[str, Any], handle: int, tell: int, cells: Cells) -> None:
    """Be the program, from here to the end of the process."""
    try:
        os.setsid()
        os.umask(0o022)
        os.chdir(order["home"])
        os.environ.update(order["environment"])
        confine(order["limits"], order["user"])
        grader = os.dup2(handle, 3)
        os.dup2(tell, 4)
        os.closerange(5, 4096)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(
                nothing, stream
            )  # what programs print that a learner's code starts, nobody reads
        os.close(nothing)
        os.set_inheritable(3, False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        random.seed()
        sys.argv = [order["program"]]
        os.close(4)  # no problem
    except BaseException as error:
        _say(tell, {"problem": f"{type(error).__name__}: {error}"})
        os._exit(1)
    try:
        with socket.socket(fileno=grader) as connection:
            if order["program"] == "probe":
                probe.main(connection)
            else:
                candidate.main(connection, cells)
    except BaseException:
        traceback.print_exc()
    os._exit(0)


if __name__ == "__main__":
    main()
