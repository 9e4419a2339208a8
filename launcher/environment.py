"""The course's own Python environment in ``.venv``: where it is and whether it can be used.

A stamp file inside it records what was installed, so that a later start only reads that file.
This module is on the way of every start: it imports little and starts no process.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher.errors import CourseError

_OLDEST = (3, 11)
_NEWEST = (3, 14)
SUPPORTED = tuple(f"{major}.{minor}" for major, minor in (_OLDEST, _NEWEST))  # for messages

LEARN = "requirements.txt"
BOOK = "requirements/book.txt"
EXERCISES = "requirements/grading.txt"
TEST = "requirements/test.txt"
# Each lock is complete: a command is content when any of these is installed.
_HELD_BY: Mapping[str, tuple[str, ...]] = {
    LEARN: (LEARN, BOOK, EXERCISES, TEST),
    BOOK: (BOOK, TEST),
    EXERCISES: (EXERCISES, TEST),
    TEST: (TEST,),
}


def system() -> str:
    """Return the operating system and processor that an environment is bound to."""
    if sys.platform == "win32":
        processor = os.environ.get("PROCESSOR_ARCHITECTURE", "")
    else:
        processor = os.uname().machine
    return f"{sys.platform}-{processor.lower()}"


def supported(version: tuple[int, ...]) -> bool:
    """Tell whether the course is tested with a Python version (its first two numbers)."""
    return _OLDEST <= version[:2] <= _NEWEST


def running_version() -> str:
    """Return the version of the Python that runs this, such as ``3.13.0``."""
    return ".".join(map(str, sys.version_info[:3]))


class Stamp:
    """What the stamp file says about an environment."""

    def __init__(
        self,
        *,
        state: str,
        python: str = "",
        system: str = "",
        place: str = "",
        interpreter: tuple[int, int] = (0, 0),
        locks: Mapping[str, str] | None = None,
    ) -> None:
        """Make a stamp.

        Parameters:
            state: ``"ready"``, ``"installing"`` or, for a file that makes no sense, ``"damaged"``.
            python: the version of the environment's Python.
            system: what `system` returned when it was made.
            place: the absolute path of its folder.
            interpreter: size in bytes and time of change (ns) of its Python.
            locks: for each installed lock file the fingerprint of its content.
        """
        self.state = state
        self.python = python
        self.system = system
        self.place = place
        self.interpreter = interpreter
        self.locks = dict(locks or {})

    @classmethod
    def read(cls, path: Path) -> "Stamp | None":
        """Read a stamp file; None when there is none, a "damaged" stamp when it makes no sense."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            size, changed = content.pop("interpreter")
            return cls(interpreter=(size, changed), **content)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(state="damaged")

    def write(self, path: Path) -> None:
        """Write the file in one step, so that nobody reads half of it."""
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(vars(self), indent=1) + "\n", encoding="utf-8")
        beside.replace(path)


class Verdict:
    """What has to be done before a command can run, and why."""

    def __init__(self, action: str, reason: str = "") -> None:
        """Make a verdict.

        Parameters:
            action: ``"nothing"``, ``"make"``, ``"update"``, ``"repair"`` (ours, but unusable),
                ``"probe"`` (its Python was exchanged: it has to be tried) or ``"replace"``
                (somebody else's).
            reason: the rest of a sentence about the environment.
        """
        self.action = action
        self.reason = reason


class Environment:
    """The virtual environment of a copy of the course."""

    def __init__(self, root: Path, variables: Mapping[str, str] | None = None) -> None:
        """Name the places; nothing is read or made yet.

        Parameters:
            root: the folder that holds course.py.
            variables: environment variables, the process's own when not given.
                ``COURSE_PYTHON`` names an interpreter that has everything: then nothing is
                made, checked or installed.
        """
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / "course.json"
        self.log = self.folder / "install.log"
        self.variables = dict(os.environ if variables is None else variables)
        given = self.variables.get("COURSE_PYTHON")
        self.given = given is not None
        inside = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
        self.python = Path(given).absolute() if given else self.folder / inside

    def child_variables(self) -> dict[str, str]:
        """Return the environment variables for the commands of the course.

        The environment's programs come first on PATH; settings that would mix in other
        packages are left out, and so is the one by which every start would compile them anew.
        """
        variables = dict(self.variables)
        for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
            variables.pop(name, None)
        variables["PATH"] = str(self.python.parent) + os.pathsep + variables.get("PATH", "")
        if not self.given:
            variables["VIRTUAL_ENV"] = str(self.folder)
        variables.update(
            PYTHONUTF8="1", JUPYTER_PLATFORM_DIRS="1", PYDEVD_DISABLE_FILE_VALIDATION="1"
        )
        return variables

    def inspect(self, lock: str) -> Verdict:
        """Compare what is installed with what a lock asks for, by reading files only.

        Parameters:
            lock: one of `LEARN`, `BOOK`, `EXERCISES`, `TEST`.

        Raises:
            CourseError: the lock file is missing.
        """
        if self.given:
            if not self.python.exists():
                raise CourseError(f"COURSE_PYTHON names {self.python}, and there is no such file.")
            return Verdict("nothing")
        wanted = self.fingerprint(lock)
        stamp = Stamp.read(self.stamp)
        if stamp is None:
            if not os.path.lexists(self.folder) or _is_empty(self.folder):
                return Verdict("make")
            return Verdict("replace", "was not made by course.py")
        if stamp.state == "installing":
            return Verdict("repair", "is half-finished (an installation was interrupted)")
        if stamp.state != "ready":
            return Verdict("repair", "is damaged (its stamp file course.json cannot be read)")
        if stamp.place != str(self.place()):
            return Verdict("repair", "was moved or copied here from another folder")
        if stamp.system != system():
            return Verdict("repair", f"is for another system ({stamp.system})")
        interpreter = self.interpreter()
        if interpreter is None:
            return Verdict("repair", "is broken (its Python is gone)")
        if interpreter != stamp.interpreter:
            return Verdict("probe", "is broken (its Python was changed and does not work)")
        for name in _HELD_BY[lock]:
            installed = stamp.locks.get(name)
            if installed and installed == (
                wanted if name == lock else self.fingerprint(name, required=False)
            ):
                return Verdict("nothing")
        changed = lock in stamp.locks
        return Verdict(
            "update", "The list of packages changed" if changed else "More is needed for this"
        )

    def place(self) -> Path:
        """Return the folder's path with all links followed, but for its own."""
        return self.root.resolve() / self.folder.name

    def interpreter(self) -> tuple[int, int] | None:
        """Return size and time of change of the environment's Python; None when it is gone."""
        try:
            status = self.python.stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def fingerprint(self, lock: str, *, required: bool = True) -> str:
        """Return a hash of a lock's content and of pyproject.toml's.

        Raises:
            CourseError: a file is missing and `required`; otherwise that gives ``""``.
        """
        digest = hashlib.sha256()
        try:
            for name in (lock, "pyproject.toml"):
                # The same text counts as the same, whatever line ends git gave it.
                digest.update((self.root / name).read_bytes().replace(b"\r\n", b"\n"))
        except FileNotFoundError as error:
            if not required:
                return ""
            raise CourseError(
                f"{Path(error.filename).name} is missing, the list of packages: this copy of the "
                f"course is incomplete. Get it again (with git: git checkout -- {name})."
            ) from error
        return digest.hexdigest()


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False
