"""``course.py doctor``: what the course needs, what of it is here, and how to get the rest."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launcher import environment as environments
from launcher.environment import Environment
from launcher.errors import CourseError
from launcher.progress import Console

_MODULES: Sequence[tuple[str, str]] = (
    ("jupyterlab", "where notebooks are opened"),
    ("ipykernel", "runs the cells"),
    ("requests", "the HTTP client of every chapter"),
    ("flask", "framework taught"),
    ("fastapi", "framework taught"),
    ("werkzeug", "server"),
    ("gunicorn", "server"),
    ("waitress", "server"),
    ("uvicorn", "server"),
    ("granian", "server"),
    ("pytest", "runs the contract"),
)
_NOT_ON_WINDOWS = {"gunicorn"}
_DISK_NEEDED = 2000  # MB: the environment for all commands, and what is downloaded for it


@dataclass(frozen=True)
class Finding:
    """One row of the table.

    `state` is ``"ok"``, ``"missing"`` (required) or ``"optional"`` (not here, needed only for
    what `purpose` names); `install` is the line that gets it here, or what to do.
    """

    name: str
    state: str
    found: str
    purpose: str
    install: str = ""


@dataclass(frozen=True)
class _Program:
    """A program that some part of the course uses, with its package in each manager."""

    names: tuple[str, ...]
    purpose: str
    packages: Mapping[str, str]
    linux_only: bool = False


_PROGRAMS: Mapping[str, _Program] = {
    "uv": _Program(
        ("uv",),
        "installs the packages several times faster than pip",
        {"brew": "uv", "winget": "astral-sh.uv", "": "python -m pip install --user uv"},
    ),
    "git": _Program(
        ("git",),
        "gets a newer version of the course",
        {"apt": "git", "dnf": "git", "brew": "git", "winget": "Git.Git"},
    ),
    "gcc": _Program(
        ("gcc", "cc", "clang", "cl"),
        "the chapters that compile Python (Cython)",
        {
            "apt": "build-essential",
            "dnf": "gcc",
            "brew": "gcc",
            "winget": "Microsoft.VisualStudio.2022.BuildTools",
        },
    ),
    "Node.js": _Program(
        ("node",),
        "the chapters that compare with JavaScript",
        {"apt": "nodejs npm", "dnf": "nodejs", "brew": "node", "winget": "OpenJS.NodeJS.LTS"},
    ),
    "Chromium": _Program(
        (
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "chrome",
            "msedge",
        ),
        "the tests of the book's pages",
        {
            "apt": "chromium",
            "dnf": "chromium",
            "brew": "--cask chromium",
            "winget": "Google.Chrome",
        },
    ),
    "bubblewrap": _Program(
        ("bwrap",),
        "grading other people's work",
        {"apt": "bubblewrap", "dnf": "bubblewrap"},
        linux_only=True,
    ),
}
_BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_MANAGERS = {
    "apt": "sudo apt install {}",
    "dnf": "sudo dnf install {}",
    "brew": "brew install {}",
    "winget": "winget install {}",
}


def doctor(environment: Environment, console: Console) -> int:
    """Print the table on stdout and return 1 if something required is missing, else 0."""
    findings = examine(environment)
    out = Console(sys.stdout)
    for line in table(findings, out):
        out.line(line)
    missing = [finding for finding in findings if finding.state == "missing"]
    advice = [finding for finding in findings if finding.install]
    if advice:
        out.line("\nTo get what is not here:")
        width = max(len(finding.name) for finding in advice)
        for finding in advice:
            out.line(f"  {finding.name.ljust(width)}  {finding.install}")
    if missing:
        names = ", ".join(finding.name for finding in missing)
        out.line(f"\nThe course cannot run yet: {names}.")
        return 1
    out.line("\nEverything required is here.")
    return 0


def examine(environment: Environment) -> list[Finding]:
    """Look at the machine and the environment without changing anything."""
    managers = available_managers()
    findings = [_python(), _environment(environment), _disk(environment)]
    findings += _venv_module(environment, managers)
    findings += _packages(environment)
    for name, program in _PROGRAMS.items():
        if not program.linux_only or sys.platform.startswith("linux"):
            findings.append(_program(name, program, managers))
    return findings + _sandbox(environment)


def table(findings: Sequence[Finding], console: Console) -> list[str]:
    """Return the findings as lines of text in columns."""
    colours = {"ok": "green", "missing": "red", "optional": "yellow"}
    names = max(len(finding.name) for finding in findings)
    found = max(len(finding.found) for finding in findings)
    head = f"{'STATE':8}  {'WHAT':{names}}  {'FOUND':{found}}  FOR"
    lines = [console.coloured(head, "bold")]
    for finding in findings:
        state = console.coloured(f"{finding.state:8}", colours[finding.state])
        lines.append(f"{state}  {finding.name:{names}}  {finding.found:{found}}  {finding.purpose}")
    return lines


def available_managers() -> list[str]:
    """Return the package managers to name: those found, else those usual for this system."""
    if sys.platform == "win32":
        return ["winget"]
    if sys.platform == "darwin":
        return ["brew"]
    here = [name for name in ("apt", "dnf") if shutil.which(name)]
    return here or ["apt", "dnf"]


def install_line(packages: Mapping[str, str], managers: Sequence[str]) -> str:
    """Return the command, or the commands to choose from, that install a program."""
    lines = [_MANAGERS[name].format(packages[name]) for name in managers if name in packages]
    return " or: ".join(lines) or packages.get("", "")


def _python() -> Finding:
    oldest, newest = environments.SUPPORTED
    good = environments.supported(sys.version_info[:2])
    return Finding(
        "Python",
        "ok" if good else "missing",
        environments.running_version(),
        f"everything ({oldest} to {newest})",
        "" if good else f"install Python {newest} from python.org, or: uv python install {newest}",
    )


def _environment(environment: Environment) -> Finding:
    purpose = "the course's packages"
    if environment.given:
        return Finding("environment", "ok", f"COURSE_PYTHON: {environment.python}", purpose)
    for lock, commands in (
        (environments.TEST, "all commands"),
        (environments.BOOK, "learn, check, book"),
        (environments.EXERCISES, "learn, check, exercises"),
        (environments.LEARN, "learn, check"),
    ):
        try:
            verdict = environment.inspect(lock)
        except CourseError as error:
            if lock == environments.LEARN:
                return Finding("environment", "missing", "no list of packages", purpose, str(error))
            continue
        if verdict.action == "nothing":
            return Finding("environment", "ok", f"ready for {commands}", purpose)
    found = {
        "make": "not made yet: the first command makes it",
        "update": "out of date: the next command renews it",
        "probe": "its Python was changed: the next command tries it",
        "repair": f"{verdict.reason}: the next command makes it again",
        "replace": f"{verdict.reason}: the next command keeps it aside and makes one",
    }[verdict.action]
    return Finding("environment", "ok", found, purpose)


def _disk(environment: Environment) -> Finding:
    free = shutil.disk_usage(environment.root).free // 2**20
    enough = free >= _DISK_NEEDED or _usable(environment)
    return Finding(
        "disk space",
        "ok" if enough else "missing",
        f"{free / 1024:.1f} GB free",
        f"installing ({_DISK_NEEDED / 1000:.0f} GB for all commands)",
        "" if enough else "free some space on the disk that holds the course",
    )


def _usable(environment: Environment) -> bool:
    """Tell whether the environment's Python can be started as it is."""
    return environment.given or environment.inspect(environments.LEARN).action in (
        "nothing",
        "update",
    )


def _venv_module(environment: Environment, managers: Sequence[str]) -> list[Finding]:
    """The modules that make an environment; Debian and Ubuntu pack them apart."""
    try:
        needed = not _usable(environment) and shutil.which("uv") is None
    except CourseError:
        needed = True
    here = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    if here or not needed:
        return []
    install = install_line({"apt": "python3-venv", "dnf": "python3"}, managers)
    return [Finding("venv", "missing", "no venv or ensurepip", "making the environment", install)]


def _packages(environment: Environment) -> list[Finding]:
    try:
        if not _usable(environment):
            return []
    except CourseError:
        return []
    names = [n for n, _ in _MODULES if sys.platform != "win32" or n not in _NOT_ON_WINDOWS]
    versions = _import_all(environment, names)
    lines = []
    for name, purpose in _MODULES:
        if name in names:
            version = versions.get(name, "")
            lines.append(
                Finding(name, "ok", version, purpose)
                if version and not version.startswith("!")
                else Finding(
                    name,
                    "missing",
                    version.lstrip("!") or "the Python in .venv does not start",
                    purpose,
                    "delete the folder .venv, then run: python course.py learn",
                )
            )
    return lines


_IMPORT_ALL = """
import importlib, importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        found[name] = importlib.metadata.version(name)
    except Exception as error:
        found[name] = "!" + type(error).__name__ + ": " + str(error)[:60]
print(json.dumps(found))
"""


def _import_all(environment: Environment, names: Sequence[str]) -> dict[str, str]:
    """Import packages in the environment; give versions, or "!" and the error."""
    try:
        done = subprocess.run(
            [str(environment.python), "-c", _IMPORT_ALL, *names],
            cwd=environment.root,
            env=environment.child_variables(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return {}
    return found


def _program(name: str, program: _Program, managers: Sequence[str]) -> Finding:
    path = next(filter(None, map(shutil.which, program.names)), None)
    if path is None and name == "Chromium":
        path = next(filter(os.path.exists, _BROWSER_PLACES), None)
    if path is None:
        line = install_line(program.packages, managers)
        return Finding(name, "optional", "not here", program.purpose, line)
    return Finding(name, "ok", _version(path), program.purpose)


def _sandbox(environment: Environment) -> list[Finding]:
    """Tell whether learners' code can be kept apart here, where bubblewrap is."""
    purpose = "grading other people's work"
    if not sys.platform.startswith("linux") or shutil.which("bwrap") is None:
        return []
    try:
        if not _usable(environment):
            return []
        done = subprocess.run(
            [str(environment.python), "-m", "grading.sandbox"],
            cwd=environment.root,
            env=environment.child_variables(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    except (CourseError, OSError, subprocess.SubprocessError):
        return []
    if done.returncode == 0:
        return [Finding("sandbox", "ok", "works", purpose)]
    said = done.stdout.strip() or done.stderr.strip().splitlines()[-1]
    return [Finding("sandbox", "optional", "does not work", purpose, said)]


def _version(path: str) -> str:
    """Return the first version number that a program tells about itself, else its place."""
    if os.name == "nt" and path.lower().endswith(("chrome.exe", "msedge.exe", "cl.exe")):
        return path  # these open a window or print help instead
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=15, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return path
    number = re.search(r"\d+\.\d+[\w.]*", done.stdout)
    return number[0] if number else path
