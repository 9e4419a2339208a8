"""Throw-away courses: a copy of course.py and launcher/ with a package of its own to install."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]

# A build backend without requirements: `-e .` needs no network.
BACKEND = """
import pathlib, zipfile

WHEEL = "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tinycourse-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        wheel.writestr("tinycourse.pth", str(pathlib.Path.cwd()))
        wheel.writestr("tinycourse-1.0.dist-info/METADATA",
                       "Metadata-Version: 2.1\\nName: tinycourse\\nVersion: 1.0\\n")
        wheel.writestr("tinycourse-1.0.dist-info/WHEEL", WHEEL)
        wheel.writestr("tinycourse-1.0.dist-info/RECORD", "")
    return name

def build_wheel(*unused):
    raise NotImplementedError
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tinycourse"
version = "1.0"
"""
CHECK = """
import sys
try:
    import tinything
    print("tinything is installed")
except ImportError:
    print("tinything is missing")
print("checked", *sys.argv[1:])
sys.exit(3)
"""
# Stands in for uv where what matters is what course.py does around it.
FAKE_UV = """
import json, os, pathlib, sys, time, subprocess
here = pathlib.Path(__file__).parent
plan = json.loads((here / "plan.json").read_text())
with (here / "calls.txt").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
print("Resolved 2 packages in 5ms", file=sys.stderr, flush=True)
if plan.get("hang"):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    (here / "hanging.json").write_text(json.dumps([os.getpid(), child.pid]))
    time.sleep(120)
time.sleep(plan.get("seconds", 0))
print(plan.get("says", "Installed 2 packages in 3ms"), file=sys.stderr)
sys.exit(plan.get("code", 0))
"""


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


class FakeUv:
    """A program called uv in a folder of its own, told what to do through a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.plan()
        script = folder / "fake_uv.py"
        script.write_text(FAKE_UV, encoding="utf-8")
        if os.name == "nt":
            (folder / "uv.bat").write_text(f'@"{sys.executable}" "{script}" %*\n', encoding="utf-8")
        else:
            program = folder / "uv"
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
            program.chmod(0o755)

    def plan(self, **plan: object) -> None:
        (self.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls.txt"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def wait_until_it_hangs(self) -> list[int]:
        file = self.folder / "hanging.json"
        wait_for(lambda: file.exists() and file.read_text() != "", "the installer to be busy")
        pids: list[int] = json.loads(file.read_text(encoding="utf-8"))
        file.unlink()
        return pids


def listen_to_ctrl_c() -> None:
    """Undo what a shell does to programs in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Project:
    """A small course to start commands in."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self.variables = variables
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "course.py", folder)
        shutil.copytree(
            ROOT / "launcher", folder / "launcher", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name, text in {
            "pyproject.toml": PYPROJECT,
            "backend.py": BACKEND,
            "requirements.txt": "-e .\n",
            "requirements/book.txt": "-e .\n",
            "requirements/grading.txt": "-e .\n",
            "requirements/test.txt": "-e .\n",
            "workbench/__init__.py": "",
            "workbench/exercise_check.py": CHECK,
            "one.ipynb": "{}",
        }.items():
            self.write(name, text)

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv" / "course.json"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def add_wheel(self) -> None:
        """Put a wheel beside the project and name it in the learners' lock."""
        wheel = self.folder / "wheels" / "tinything-1.0-py3-none-any.whl"
        wheel.parent.mkdir()
        info = "tinything-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tinything.py", "VALUE = 1\n")
            archive.writestr(
                f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n"
            )
            archive.writestr(
                f"{info}/WHEEL",
                "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            archive.writestr(f"{info}/RECORD", "")
        self.write("requirements.txt", f"tinything @ {wheel.as_uri()}\n-e .\n")

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "course.py", *arguments],
            cwd=self.folder,
            env={**self.variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # On Windows only a process in a group of its own can be interrupted alone.
            preexec_fn=listen_to_ctrl_c if os.name == "posix" else None,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=80)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def check(self, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the shortest command there is; its own exit code is 3."""
        return self.run("check", "one.ipynb", **variables)

    @staticmethod
    def interrupt(process: "subprocess.Popen[str]") -> None:
        """Do what Ctrl-C does (Windows: Ctrl-Break, the only one a program can send)."""
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))

    @staticmethod
    def alive(pids: list[int]) -> list[int]:
        return [
            pid
            for pid in pids
            if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """The environment without anything that would steer course.py, pip, uv or Jupyter."""
    steering = ("COURSE_", "PIP_", "UV_", "JUPYTER", "VIRTUAL_ENV", "PYTEST", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def project(tmp_path: Path, variables: dict[str, str]) -> Project:
    return Project(tmp_path / "course", variables)


@pytest.fixture(name="wait_for")
def wait_for_fixture() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def uv(tmp_path: Path, variables: dict[str, str]) -> FakeUv:
    """A stand-in for uv, first on PATH."""
    fake = FakeUv(tmp_path / "fake")
    variables["PATH"] = str(fake.folder) + os.pathsep + variables["PATH"]
    variables["COURSE_INSTALLER"] = "uv"
    return fake
