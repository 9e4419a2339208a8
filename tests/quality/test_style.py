"""The code is formatted, checked and typed; what is made from something else is up to date."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "requirements.txt": (),
    "requirements/book.txt": ("book",),
    "requirements/grading.txt": ("grading",),
    "requirements/test.txt": ("book", "grading", "test"),
}


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_check() -> None:
    run("ruff", "check", ".")


def test_ruff_format() -> None:
    run("ruff", "format", "--check", ".")


def test_mypy() -> None:
    run("mypy")


def test_ledger_is_what_the_claims_say() -> None:
    run("book.ledger", "--verify")


def pins(lock: str) -> dict[str, list[Requirement]]:
    """The requirements of a lock by name; a name stands twice where the Python version decides."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if "==" in line:
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def version(pin: Requirement) -> Version:
    return Version(str(pin.specifier).removeprefix("=="))


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_pyproject_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = list(project["dependencies"])
    for extra in LOCKS[lock]:
        asked += project["optional-dependencies"][extra]
    locked = pins(lock)
    for requirement in map(Requirement, asked):
        if canonicalize_name(requirement.name) == project["name"]:
            continue
        held = locked.get(canonicalize_name(requirement.name), [])
        assert held, f"{requirement.name} is not in {lock}: run python requirements/compile.py"
        assert all(version(pin) in requirement.specifier for pin in held), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_ends_in_this_project_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert text.endswith("\n-e .\n")
    assert "://" not in text


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if LOCKS[lock]])
def test_a_package_has_one_version_in_all_locks(lock: str) -> None:
    learners, others = pins("requirements.txt"), pins(lock)
    # The conditions may differ: another package may ask for the same one in more places.
    for name, held in learners.items():
        assert set(map(version, others[name])) == set(map(version, held)), name
