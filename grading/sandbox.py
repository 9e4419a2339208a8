"""A room for a stranger's program: bubblewrap around it, limits on it, and a watch over it.

It has a network of its own with nobody in it, sees the system and the course's packages and may
change neither, has 64 MB of disk that are gone with it, and ends with the process that made it.
Where bubblewrap cannot do that, nothing is started.
"""

import contextlib
import itertools
import json
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psutil

COURSE = Path(__file__).resolve().parent.parent
HOME = "/candidate"  # its working folder
INSIDE = "/course"  # where the course's own packages are, seen from inside

# Numbers that systemd, Debian and Fedora give to nobody.
FIRST_USER, USERS = 61_200, 300
_numbers = itertools.count(os.getpid())

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
        disk: bytes; it is memory, and counted there as well.
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
        module: the program, started as `python -m module FD LIMITS …` with the socket's number.
        packages: folders of the course that it can import, such as Path("workbench").
        arguments: what follows on its command line.
        limits: what it may use.

    Attributes:
        socket: the grader's end of the socket.
        broken: why the watch has ended it; empty as long as it has not.

    Raises:
        SandboxError: bubblewrap is missing or may not work here.
    """

    def __init__(
        self,
        module: str,
        packages: Sequence[Path],
        arguments: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """Start the program."""
        self.limits = limits or Limits()
        self.broken = ""
        self._ended = threading.Event()
        self.socket, theirs = socket.socketpair()
        told, tell = os.pipe()
        rules = _no_hidden_memory()
        handles = [theirs.fileno(), tell, *([rules.fileno()] if rules else [])]
        command = [
            *_bubblewrap(self.limits, packages),
            *("--info-fd", str(tell)),
            *(("--seccomp", str(rules.fileno())) if rules else ()),
            *(sys.executable, "-m", module, str(theirs.fileno()), self._own_limits(), *arguments),
        ]
        try:
            self._process = subprocess.Popen(
                command,
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={},
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(tell)
            if rules:
                rules.close()
        with os.fdopen(told, "rb") as stream:
            self._root = _child(stream.read())
        if self._root is None:
            raise SandboxError(f"bubblewrap cannot work here: {self._complaint()}")
        threading.Thread(target=self._watch, daemon=True).start()

    def _own_limits(self) -> str:
        """Return what the program sets for itself before a stranger's code runs."""
        limits = {
            "RLIMIT_AS": 2 * self.limits.memory,  # of addresses, which are more than memory
            "RLIMIT_CPU": self.limits.cpu,
            "RLIMIT_FSIZE": self.limits.disk,
            "RLIMIT_NOFILE": self.limits.files,
            "RLIMIT_NPROC": self.limits.processes,
            "RLIMIT_CORE": 0,
        }
        # A user of its own for each sandbox: the kernel counts processes by user.
        user = FIRST_USER + next(_numbers) % USERS if _is_root() else None
        return json.dumps({"limits": limits, "user": user})

    def last_words(self) -> str:
        """Return what the program wrote to stderr, if it ends within a second."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        if self._process.poll() is None or self._process.stderr is None:
            return ""
        os.set_blocking(self._process.stderr.fileno(), False)
        return (self._process.stderr.read() or b"").decode(errors="replace").strip()[-300:]

    def _complaint(self) -> str:
        self._process.wait()
        words = self.last_words()
        self.stop()
        return words or "it said nothing"

    @property
    def running(self) -> bool:
        """Whether anything in the sandbox still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End everything in the sandbox."""
        self._ended.set()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()  # --die-with-parent: all that is inside goes with it
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        self.socket.close()

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
            processes, memory = _used(self._root)
            if processes > self.limits.processes:
                self._break(f"it had more than {self.limits.processes} processes and threads")
            elif memory > self.limits.memory:
                self._break(f"it used more than {self.limits.memory / 2**30:g} GB of memory")

    def _break(self, why: str) -> None:
        self.broken = why
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)


def why_not() -> str:
    """Return why no sandbox can be made here and what to do, or nothing when it can."""
    if not sys.platform.startswith("linux"):
        return f"There is no sandbox for {platform.system()}. {INSTALL}"
    if shutil.which("bwrap") is None:
        return f"The program bwrap is not there. {INSTALL}"
    try:
        with Sandbox("grading.sandboxed.probe", ()) as sandbox:
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


def _bubblewrap(limits: Limits, packages: Sequence[Path]) -> list[str]:
    """Return the command that makes the sandbox, up to the program in it."""
    command = ["bwrap", "--die-with-parent", "--new-session"]
    for namespace in ("ipc", "pid", "net", "uts", "cgroup-try"):
        command += [f"--unshare-{namespace}"]
    command += ["--hostname", "sandbox", "--cap-drop", "ALL"]
    if _is_root():
        # The program becomes another user at its start, and cannot come back.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
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
    for place, size in (("/dev/shm", limits.disk // 4), (HOME, limits.disk)):
        command += ["--perms", "1777", "--size", str(size), "--tmpfs", place]
    command += ["--remount-ro", "/dev", "--perms", "1777", "--dir", f"{HOME}/tmp"]
    command += ["--symlink", f"{HOME}/tmp", "/tmp"]
    shown = {prefix: prefix for prefix in (sys.base_prefix, sys.prefix)}
    shown = {prefix: prefix for prefix in shown if not Path(prefix).is_relative_to("/usr")}
    for package in (*packages, Path("grading/__init__.py"), Path("grading/sandboxed")):
        shown[f"{INSIDE}/{package.as_posix()}"] = str(COURSE / package)
    # What is above a folder that is shown is empty, and its own: nothing of the real one's rights.
    above = {parent for inside in shown for parent in Path(inside).parents if parent.name}
    for parent in sorted(above):
        command += ["--perms", "0755", "--dir", str(parent)]
    for inside, outside in shown.items():
        command += ["--ro-bind", outside, inside]
    command += ["--remount-ro", "/", "--chdir", HOME]
    for name, value in {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": INSIDE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": HOME,
        "TMPDIR": f"{HOME}/tmp",
        "IPYTHONDIR": f"{HOME}/tmp/ipython",
        "MPLCONFIGDIR": f"{HOME}/tmp/matplotlib",
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",  # else a thread for each core, of every process
    }.items():
        command += ["--setenv", name, value]
    return command


# Memory behind a file descriptor belongs to no process that could be counted.
_MEMFD_CREATE_AND_SHMGET = {
    "x86_64": (0xC000003E, (319, 29)),
    "aarch64": (0xC00000B7, (279, 194)),
}


def _no_hidden_memory() -> IO[bytes] | None:
    """Return seccomp's rules against memory that no process shows, as a file; see bpf(2)."""
    if platform.machine() not in _MEMFD_CREATE_AND_SHMGET:
        return None
    architecture, calls = _MEMFD_CREATE_AND_SHMGET[platform.machine()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 38  # 38: ENOSYS, as if the kernel did not know it
    count = len(calls)
    rules = [
        (load, 0, 0, 4),  # the architecture of the call
        (equal, 0, count + 3, architecture),  # another one numbers its calls otherwise
        (load, 0, 0, 0),  # the number of the call
        (at_least, count + 1, 0, 0x40000000),  # x86-64 has a second set of numbers
        *((equal, count - place, 0, call) for place, call in enumerate(calls)),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    ]
    file = tempfile.TemporaryFile()  # noqa: SIM115 - bubblewrap reads it
    file.write(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    file.seek(0)
    return file


def _child(told: bytes) -> int | None:
    """Return the process that is number 1 in the sandbox, by what bubblewrap told."""
    try:
        return int(json.loads(told)["child-pid"])
    except (ValueError, KeyError, TypeError):
        return None


def _used(root: int | None) -> tuple[int, int]:
    """Return the processes with their threads, and the bytes of memory, of a process tree."""
    count = resident = 0
    found: list[int] = []
    left = [root] if root else []
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
