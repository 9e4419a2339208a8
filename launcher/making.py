"""Making, renewing and repairing the environment in ``.venv``."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from launcher import installers
from launcher.environment import Environment, Stamp, Verdict, running_version, system
from launcher.errors import IN_USE, NO_SPACE, CourseError, diagnose, is_network_trouble
from launcher.locking import only_one
from launcher.progress import Console, seconds
from launcher.running import follow

_MEGABYTES_PER_PACKAGE = 5  # measured over the learners' lock, with what is downloaded on the way


def ensure(environment: Environment, lock: str, console: Console) -> None:
    """Make the environment hold everything in a lock; at once when it already does.

    Parameters:
        lock: one of the lock files that `launcher.environment` names.

    Raises:
        CourseError: it cannot be made; the text says why and what to do.
    """
    if environment.inspect(lock).action != "nothing":
        _Maker(environment, lock, console).run()


class _Maker:
    def __init__(self, environment: Environment, lock: str, console: Console) -> None:
        self._environment = environment
        self._root = environment.root
        self._folder = environment.folder
        self._lock = lock
        self._console = console

    def run(self) -> None:
        try:
            with only_one(self._root / ".venv.lock", self._say_waiting) as descriptor:
                # Looked at once more: the one that we waited for may have done our work.
                verdict = self._environment.inspect(self._lock)
                if verdict.action == "probe":
                    verdict = self._probe(verdict)
                if verdict.action != "nothing":
                    self._install(verdict, descriptor)
        except PermissionError as error:
            raise CourseError(self._permission_trouble(error)) from error
        except OSError as error:
            raise CourseError(diagnose(str(error), tool="", log="") or str(error)) from error

    def _probe(self, verdict: Verdict) -> Verdict:
        """Try a Python that was exchanged, as system updates do; remember it if it works."""
        environment = self._environment
        stamp, now = Stamp.read(environment.stamp), environment.interpreter()
        script = "import sys, encodings; print(*sys.version_info[:2], sep='.')"
        try:
            tried = subprocess.run(
                [str(environment.python), "-c", script],
                env=environment.child_variables(),
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return Verdict("repair", verdict.reason)
        if not stamp or not now or not stamp.python.startswith(tried.stdout.strip() + "."):
            return Verdict("repair", verdict.reason)
        stamp.interpreter = now
        stamp.write(environment.stamp)
        return environment.inspect(self._lock)

    def _say_waiting(self) -> None:
        self._console.line("Another course.py is installing here: waiting for it to finish.")

    def _permission_trouble(self, error: PermissionError) -> str:
        if os.name == "nt":
            return IN_USE
        return (
            f"No permission to change {error.filename or self._folder}. Does the folder belong to "
            f"another user (was it made with sudo)? Then: sudo chown -R $USER {self._root}"
        )

    def _install(self, verdict: Verdict, descriptor: int) -> None:
        started = time.monotonic()
        tool = installers.choose(self._environment.variables, self._console)
        packages = _count_packages(self._root / self._lock)
        self._clear_leftovers()
        before = Stamp.read(self._environment.stamp) if verdict.action == "update" else None
        if verdict.action == "repair":
            self._remove(verdict.reason)
        self._check_space(packages, updating=before is not None)
        if verdict.action == "replace":
            self._keep_aside(verdict.reason)
        if before is None:
            self._console.line(
                f"Making the course's environment in .venv with Python {running_version()} and "
                f"{tool}: {packages} packages, the first time only."
            )
        else:
            self._console.line(f"{verdict.reason}: {packages} packages in {self._lock}.")
        self._folder.mkdir(exist_ok=True)
        # Whatever happens from here on, the next start sees that it is not finished.
        Stamp(state="installing").write(self._environment.stamp)
        try:
            if before is None:
                self._make(tool)
            elif tool == "pip":
                self._add_pip()
            self._fill(tool, packages, descriptor)
        except _InstallError as failure:
            if before is not None and failure.untouched:
                before.write(self._environment.stamp)
            raise CourseError(str(failure)) from failure
        self._record(before)
        self._console.line(f"ready in {seconds(time.monotonic() - started)}")

    def _record(self, before: Stamp | None) -> None:
        environment = self._environment
        interpreter = environment.interpreter()
        if interpreter is None:
            raise CourseError(f"The new environment has no Python. See the log: {environment.log}")
        locks = before.locks if before else {}
        Stamp(
            state="ready",
            python=before.python if before else running_version(),
            system=system(),
            place=str(environment.place()),
            interpreter=interpreter,
            locks={**locks, self._lock: environment.fingerprint(self._lock)},
        ).write(environment.stamp)

    def _make(self, tool: str) -> None:
        command = [
            installers.base_python(),
            "-m",
            "venv",
            *(["--without-pip"] if tool == "uv" else []),
        ]
        self._console.status("making the virtual environment")
        self._quiet([*command, str(self._folder)])

    def _add_pip(self) -> None:
        """Give pip to an environment that uv filled."""
        if not (installers.site_packages(self._folder) / "pip").exists():
            self._quiet([str(self._environment.python), "-m", "ensurepip", "--default-pip"])

    def _quiet(self, command: list[str]) -> None:
        code, output = follow(
            command,
            cwd=self._root,
            env=self._environment.child_variables(),
            log=self._environment.log,
            on_line=lambda line: None,
            on_tick=lambda: None,
        )
        self._console.clear()
        if code:
            raise self._failed("pip", output)

    def _fill(self, tool: str, packages: int, descriptor: int) -> None:
        installation = installers.Installation(
            tool,
            self._environment.python,
            packages=packages,
            folder=self._folder,
            console=self._console,
        )
        code, output = installation.run(
            self._root / self._lock,
            cwd=self._root,
            env=self._environment.child_variables(),
            log=self._environment.log,
            descriptors=[descriptor],
        )
        if code:
            raise self._failed(tool, output)

    def _failed(self, tool: str, output: str) -> "_InstallError":
        known = diagnose(output, tool=tool, log=str(self._environment.log))
        if _free_megabytes(self._root) < 20:
            known = NO_SPACE
        if known:
            return _InstallError(known, untouched=is_network_trouble(known))
        lines = [line for line in output.splitlines() if line.strip()][-5:]
        quoted = "\n".join(f"  {line}" for line in lines)
        other = " (COURSE_INSTALLER=pip tries pip instead)" if tool == "uv" else ""
        return _InstallError(
            f"{tool} could not install the packages{other}. Its last lines:\n{quoted}\n"
            f"The full log: {self._environment.log}"
        )

    def _keep_aside(self, reason: str) -> None:
        """Make room where somebody else's environment is, without destroying that."""
        kept = _free_name(self._root / ".venv.old")
        self._console.line(f".venv {reason}: it is kept as {kept.name}.")
        self._folder.rename(kept)

    def _remove(self, reason: str) -> None:
        """Remove an environment of ours that cannot be used."""
        self._console.line(f"The environment .venv {reason}: building it again.")
        # Renamed first: where files are in use that fails as a whole, not half-way through.
        self._folder.rename(_free_name(self._root / ".venv.trash"))
        self._clear_leftovers()

    def _clear_leftovers(self) -> None:
        for trash in self._root.glob(".venv.trash*"):
            self._console.status("removing the old environment")
            if trash.is_symlink():
                trash.unlink()
            else:
                shutil.rmtree(trash, ignore_errors=True)

    def _check_space(self, packages: int, *, updating: bool) -> None:
        needed = packages * _MEGABYTES_PER_PACKAGE // (4 if updating else 1)
        free = _free_megabytes(self._root)
        if free < needed:
            raise CourseError(
                f"Not enough disk space for the packages: about {needed} MB are needed where the "
                f"course is, and {free} MB are free."
            )


class _InstallError(Exception):
    """An installation that ended in an error.

    Parameters:
        untouched: the environment is certainly as it was before.
    """

    def __init__(self, message: str, *, untouched: bool = False) -> None:
        super().__init__(message)
        self.untouched = untouched


def _count_packages(lock: Path) -> int:
    lines = lock.read_text(encoding="utf-8").splitlines()
    names = (re.match(r"[A-Za-z0-9][\w.-]*|-e ", line) for line in lines)
    return len({name[0].lower() for name in names if name})


def _free_megabytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free // 2**20


def _free_name(path: Path) -> Path:
    candidate, number = path, 2
    while os.path.lexists(candidate):
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate
