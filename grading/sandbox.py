"""A room for a stranger's program: bubblewrap around it, limits on it, and a watch over it.

It has a network of its own with nobody in it, sees the system and the course's packages and may
change neither, has 64 MB of disk that are gone with it, and ends with the process that made it.
Where bubblewrap cannot do that, nothing is started. `python -m grading.sandbox` says if it can.
"""

import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from grading import zygote

COURSE = Path(__file__).resolve().parent.parent
HOME = "/candidate"  # its working folder
# Until its stdin ends, which it does with the grader at the latest.
HOLD = ("/bin/sh", "-c", "echo ready; read end")

# What of the course is seen inside; all the rest of it is not there.
PACKAGES = ("workbench", "mixtape", "grading/__init__.py", "grading/sandboxed")
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
    "PYTHONPATH": str(COURSE),
    "PYTHONDONTWRITEBYTECODE": "1",
    "HOME": HOME,
    "TMPDIR": "/tmp",
    "IPYTHONDIR": "/tmp/ipython",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "MPLBACKEND": "Agg",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # else a thread for each core, of every process
}

# Numbers that systemd, Debian and Fedora give to nobody.
FIRST_USER, USERS = 61_200, 300

INSTALL = (
    "Install bubblewrap: `sudo apt install bubblewrap` (Debian, Ubuntu), `sudo dnf install "
    "bubblewrap` (Fedora), `sudo pacman -S bubblewrap` (Arch). It exists for Linux only."
)


class SandboxError(Exception):
    """A sandbox cannot be made here. The message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What a sandbox may use, all of its processes together unless it says otherwise.

    Attributes:
        memory: bytes.
        processes: number of processes and threads.
        disk: bytes in all, five of eight parts in the working folder; gone at the end.
        cpu: seconds of processor time of one process.
        files: open at once, in one process.
    """

    memory: int = 2 * 2**30
    processes: int = 128
    disk: int = 64 * 2**20
    cpu: int = 300
    files: int = 512


class Sandbox:
    """A program in a sandbox, with a socket to it.

    Args:
        program: "candidate" or "probe"; what they do stands in `grading.sandboxed`.
        limits: what it may use.

    Attributes:
        socket: the grader's end of the socket.
        broken: why the watch has ended it; empty as long as it has not.

    Raises:
        SandboxError: bubblewrap is missing or may not work here.
    """

    def __init__(self, program: str, limits: Limits | None = None) -> None:
        """Start the program."""
        self.limits = limits or Limits()
        self.broken = ""
        self._root = 0
        self._ended = threading.Event()
        self.socket, theirs = socket.socketpair()
        told, tell = os.pipe()
        try:
            self._process = subprocess.Popen(
                # It is there when this says so, and as long as somebody waits in it.
                [*_bubblewrap(self.limits), "--info-fd", str(tell), *HOLD, zygote.mark()],
                pass_fds=[tell],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"bubblewrap cannot be started: {error}") from None
        finally:
            os.close(tell)
        _running.add(self)
        try:
            with os.fdopen(told, "rb") as stream:
                self._root = _child(stream.read())
            assert self._process.stdout is not None
            if not self._root or self._process.stdout.readline() != b"ready\n":
                raise SandboxError(f"bubblewrap cannot work here: {self._complaint()}")
            self._program = zygote.fork(self._order(program), theirs)
        except zygote.ZygoteError as error:
            self.stop()
            raise SandboxError(f"nothing can be started in the sandbox: {error}") from None
        finally:
            theirs.close()
        threading.Thread(target=self._watch, daemon=True).start()

    def _order(self, program: str) -> dict[str, object]:
        limits = {
            "RLIMIT_AS": 2 * self.limits.memory,  # of addresses, which are more than memory
            "RLIMIT_CPU": self.limits.cpu,
            "RLIMIT_FSIZE": self.limits.disk,
            "RLIMIT_NOFILE": self.limits.files,
            # Some kernels count all that the grader's user runs, so for others than root this
            # only slows a bomb down until the watch sees it.
            "RLIMIT_NPROC": self.limits.processes + (0 if _is_root() else 4096),
            "RLIMIT_CORE": 0,
        }
        return {
            "inside": self._root,
            "program": program,
            "home": HOME,
            "environment": ENVIRONMENT,
            "limits": limits,
            # A user of its own for each sandbox: the kernel counts processes by user. No other
            # sandbox has this process, whichever worker has made it.
            "user": FIRST_USER + self._root % USERS if _is_root() else None,
        }

    def _complaint(self) -> str:
        _, words = self._process.communicate()
        self.stop()
        return words.decode(errors="replace").strip()[-300:] or "it said nothing"

    def stop(self) -> None:
        """End everything in the sandbox."""
        self._ended.set()
        self._kill()
        self._process.wait()
        self._root = 0
        _running.discard(self)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        self.socket.close()

    def _kill(self) -> None:
        # With process number 1 all that is inside goes. It goes with bubblewrap by itself, and
        # when its stdin ends, but not at once.
        for process in filter(None, (self._process.pid, self._root)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def __enter__(self) -> Self:
        """Return the sandbox, which ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End everything in the sandbox."""
        self.stop()

    # The limits that a process sets for itself hold for each alone, and to those of root not at
    # all. So somebody has to count.
    def _watch(self) -> None:
        while not self._ended.wait(0.1) and self._process.poll() is None:
            processes, memory = _used(self._root, self._program)
            if processes > self.limits.processes:
                self._break(f"it had more than {self.limits.processes} processes and threads")
            elif memory > self.limits.memory:
                self._break(f"it used more than {self.limits.memory / 2**30:g} GB of memory")

    def _break(self, why: str) -> None:
        self.broken = why
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)


_running: set[Sandbox] = set()


def end_all() -> None:
    """End all sandboxes of this process, which is about to end without a warning."""
    for sandbox in list(_running):
        sandbox._kill()


def why_not() -> str:
    """Return why no sandbox can be made here and what to do, or nothing when it can."""
    if not sys.platform.startswith("linux"):
        return f"There is no sandbox for {platform.system()}. {INSTALL}"
    if shutil.which("bwrap") is None:
        return f"The program bwrap is not there. {INSTALL}"
    try:
        with Sandbox("probe") as sandbox:
            sandbox.socket.settimeout(30)
            found = json.loads(sandbox.socket.makefile().readline() or "{}")
    except (SandboxError, OSError, ValueError) as error:
        return (
            f"bubblewrap is there and cannot make a sandbox: {error} Some systems let only certain "
            "programs make user namespaces: see `man bwrap`, and on Ubuntu 24.04 and later "
            "`/etc/apparmor.d/bwrap`. In a container, grade outside of it."
        )
    leaks = [what for what, closed in found.items() if not closed]
    if not found or leaks:
        return f"The sandbox does not keep what it promises: {', '.join(leaks) or 'no answer'}."
    return ""


def _is_root() -> bool:
    return os.geteuid() == 0


def _bubblewrap(limits: Limits) -> list[str]:
    """Return the command that makes the sandbox, up to the program in it."""
    command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session"]
    for namespace in ("ipc", "pid", "net", "uts", "cgroup-try"):
        command += [f"--unshare-{namespace}"]
    command += ["--hostname", "sandbox", "--cap-drop", "ALL"]
    if not _is_root():
        command += ["--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        path = Path(name)
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            command += ["--ro-bind", name, name]
    for name in ("ssl", "localtime", "ld.so.cache", "mime.types", "alternatives"):
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    # A size for every place that can be written to; all the rest cannot be.
    command += ["--proc", "/proc", "--dev", "/dev"]
    for place, part in (("/dev/shm", 8), ("/tmp", 4), (HOME, 8 / 5)):
        size = int(limits.disk / part)
        command += ["--perms", "1777", "--size", str(size), "--tmpfs", place]
    command += ["--remount-ro", "/dev"]
    shown = {Path(prefix) for prefix in (sys.base_prefix, sys.prefix)}
    shown = {prefix for prefix in shown if not prefix.is_relative_to("/usr")}
    shown |= {COURSE / package for package in PACKAGES}
    # What is above a folder that is shown is empty, and its own: nothing of the real one's rights.
    above = {parent for path in shown for parent in path.parents if parent.name}
    for parent in sorted(above):
        command += ["--perms", "0755", "--dir", str(parent)]
    for path in sorted(shown):
        command += ["--ro-bind", str(path), str(path)]
    return [*command, "--remount-ro", "/", "--chdir", HOME]


def _child(told: bytes) -> int:
    """Return the process that is number 1 in the sandbox, by what bubblewrap told; 0 if none."""
    try:
        return int(json.loads(told)["child-pid"])
    except (ValueError, KeyError, TypeError):
        return 0


def _used(*roots: int) -> tuple[int, int]:
    """Return the processes with their threads, and the bytes of memory, of process trees."""
    count = resident = 0
    found: list[int] = []
    left = list(roots)
    while left:
        place = Path("/proc", str(left.pop()))
        try:
            threads = list((place / "task").iterdir())
            for thread in threads:
                left += map(int, (thread / "children").read_text().split())
            resident += int((place / "statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it has ended meanwhile
        count += len(threads)
        found.append(int(place.name))
    memory = resident * os.sysconf("SC_PAGE_SIZE")
    if memory > 2**29:
        # Pages that several processes share count for each of them above, and once here.
        memory = sum(map(_share, found))
    return count, memory


def _share(pid: int) -> int:
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_full_info().pss)
    return 0


if __name__ == "__main__":
    problem = why_not()
    print(problem or "works")
    sys.exit(bool(problem))
