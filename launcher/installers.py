"""uv and pip: which one to use, how to call it, and how to show what it is doing."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.errors import CourseError
from launcher.progress import Console, seconds
from launcher.running import follow

_PIP_INDEX = re.compile(r"^(?:global|install|:env:)\.(?:index-url|no-index)=", re.MULTILINE)
_UV_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS", "UV_CONFIG_FILE")


def choose(env: Mapping[str, str], console: Console) -> str:
    """Return the installer to use: ``"uv"`` when it is on PATH, else ``"pip"``.

    ``COURSE_INSTALLER`` in the environment forces one. uv does not read pip's configuration: when
    pip has been given an index of its own and uv has not, pip is used, because that index is
    where this person is meant to install from.

    Raises:
        CourseError: ``COURSE_INSTALLER`` has another value, or is uv and there is no uv.
    """
    forced = env.get("COURSE_INSTALLER", "").lower()
    if forced not in ("", "pip", "uv"):
        raise CourseError(f"COURSE_INSTALLER is {forced!r}: it may be uv, pip or unset.")
    has_uv = shutil.which("uv", path=env.get("PATH")) is not None
    if forced == "uv" and not has_uv:
        raise CourseError(
            "COURSE_INSTALLER is uv, but there is no uv on PATH. Install it or unset the variable."
        )
    if forced == "pip" or not has_uv:
        return "pip"
    if not forced and not _uv_has_index(env) and _pip_has_index(env):
        console.line("pip has a package index of its own and uv has none: installing with pip.")
        return "pip"
    return "uv"


def base_python() -> str:
    """Return the Python that environments are made with.

    It is not sys.executable, which may be that of an environment: one without pip, or the very
    one that is being replaced.
    """
    return getattr(sys, "_base_executable", None) or sys.executable


def _uv_has_index(env: Mapping[str, str]) -> bool:
    if any(env.get(name) for name in _UV_INDEX):
        return True
    home = Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folders = [home, Path("/etc")]
    folders += [Path(env[name]) for name in ("APPDATA", "PROGRAMDATA") if env.get(name)]
    files = [folder / "uv" / "uv.toml" for folder in folders]
    return any(
        file.is_file() and "index" in file.read_text(encoding="utf-8", errors="replace")
        for file in files
    )


def _pip_has_index(env: Mapping[str, str]) -> bool:
    if env.get("PIP_INDEX_URL") or env.get("PIP_NO_INDEX"):
        return True
    shown = subprocess.run(
        [base_python(), "-m", "pip", "config", "list"],
        env=dict(env, PIP_DISABLE_PIP_VERSION_CHECK="1"),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return _PIP_INDEX.search(shown.stdout) is not None


def _package(text: str) -> str:
    """Return a package's name from what pip prints: ``flask==3.1.3``, a file name, a path."""
    name = re.split(r"[ ;]", text)[0].replace("\\", "/").rpartition("/")[2]
    return re.split(r"[=<>!~\[]|-\d", name)[0]


def site_packages(folder: Path) -> Path:
    """Return the folder of a virtual environment that packages are installed into."""
    if os.name == "nt":
        return folder / "Lib" / "site-packages"
    return next(folder.glob("lib/python*/site-packages"), folder / "lib" / "site-packages")


class Installation:
    """One installation of a lock into a virtual environment, shown on a console."""

    def __init__(
        self, tool: str, python: Path, *, packages: int, folder: Path, console: Console
    ) -> None:
        """Prepare an installation.

        Parameters:
            tool: ``"pip"`` or ``"uv"``.
            python: the environment's interpreter.
            packages: how many packages the lock names.
            folder: the environment; its installed packages are counted there.
            console: where progress is shown.
        """
        self._tool = tool
        self._python = python
        self._console = console
        self._folder = folder
        self._total = packages
        self._seen = 0
        self._doing = "starting"
        self._unpacking = False
        self._before = 0
        self._since = time.monotonic()

    def run(
        self,
        lock: Path,
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        descriptors: Sequence[int],
    ) -> tuple[int, str]:
        """Install and return the installer's exit code and its last lines.

        Raises:
            OSError: the installer cannot be started.
        """
        self._since = time.monotonic()
        env = dict(env)
        # The lock is complete, so nothing is resolved: what it leaves out on purpose stays out.
        if self._tool == "uv":
            command = [shutil.which("uv", path=env["PATH"]) or "uv", "pip", "install"]
            command += ["--python", str(self._python), "--no-deps", "-r", str(lock)]
            on_line = self._uv_line
        else:
            command = [str(self._python), "-m", "pip", "install", "--no-input"]
            # Python compiles a module when it is first used. Compiling all of them now takes pip
            # longer than all the rest.
            command += ["--no-deps", "--no-compile", "--progress-bar", "off", "-r", str(lock)]
            # A user's own `user = true` would be an error inside a virtual environment.
            env.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0", PYTHONUNBUFFERED="1")
            env.update(PYTHONUTF8="1")
            on_line = self._pip_line
        self._show()
        try:
            return follow(
                command,
                cwd=cwd,
                env=env,
                log=log,
                on_line=on_line,
                on_tick=self._show,
                descriptors=descriptors,
            )
        finally:
            self._console.clear()

    def _show(self) -> None:
        done = self._seen
        if self._unpacking:
            done = min(max(self._installed() - self._before, 0), self._total)
            if done == self._total:
                self._doing = "finishing"
        passed = seconds(time.monotonic() - self._since)
        width = len(str(self._total))
        self._console.status(f"[{done:>{width}}/{self._total}] {self._doing} ({passed})")

    def _installed(self) -> int:
        return sum(1 for _ in site_packages(self._folder).glob("*.dist-info"))

    def _pip_line(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
            self._seen = min(self._seen + 1, self._total)
            self._doing = "collecting " + _package(rest.removeprefix("already satisfied: "))
        elif line.startswith("Obtaining "):
            self._seen = min(self._seen + 1, self._total)
            self._doing = "preparing the course"
        elif line.startswith("Ignoring "):
            self._total = max(self._total - 1, self._seen)  # a package for another system
        elif word == "Downloading":
            self._doing = "downloading " + _package(rest)
        elif line.startswith("Installing collected packages: "):
            self._total = line.count(",") + 1
            self._before = self._installed()
            self._unpacking = True
            self._doing = "installing"
        elif line.startswith(("WARNING: Retrying", "ERROR:")):
            self._console.line(line)
        self._show()

    def _uv_line(self, line: str) -> None:
        # uv ends with one line a package, which the log keeps.
        if line.startswith((" + ", " - ", " ~ ")):
            return
        resolved = re.match(r"Resolved (\d+) packages", line)
        if resolved:
            self._total = int(resolved[1])
            self._before = self._installed()
            self._unpacking = True
            self._doing = "downloading and installing"
        self._console.line(line)
        self._show()
