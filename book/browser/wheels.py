"""Fetch the wheels of the browser edition: pinned, for Pyodide, with all that they need."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Path(__file__).with_name("packages.toml")
PINS = ROOT / "requirements.txt"

# What the markers of a requirement ask for, as Pyodide 314 answers.
BROWSER = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}
_TARGET = (
    *("--python-version", BROWSER["python_version"], "--implementation", "cp"),
    *("--abi", "cp314", "--abi", "none"),
    *("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any", "--only-binary=:all:"),
)


class WheelMissing(Exception):  # noqa: N818 - it reads as a sentence
    """A package that the browser edition needs cannot be had in a form that runs there."""


@dataclass(frozen=True)
class Wheel:
    """A wheel on disk.

    Attributes:
        name: the package's canonical name.
        version: its version.
        path: the file.
        needs: canonical names of the packages that it asks for in the browser.
        imports: the modules that it brings, by which an import finds it.
    """

    name: str
    version: str
    path: Path
    needs: tuple[str, ...]
    imports: tuple[str, ...]


def recipe() -> dict[str, Any]:
    """Return what packages.toml says."""
    return tomllib.loads(RECIPE.read_text("utf-8"))


def pins(lock: Path = PINS) -> dict[str, str]:
    """Return the version of each package in the learner's lock, as it is for Pyodide's Python."""
    found: dict[str, str] = {}
    for line in lock.read_text("utf-8").splitlines():
        if "==" in line:
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate(BROWSER):
                found[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    return found


def collect(folder: Path, tell: Callable[[str], None]) -> list[Wheel]:
    """Return the wheels of all packages in the recipe and of what they need.

    Args:
        folder: where wheels are kept between builds; what is there is not fetched again.
        tell: told what is being fetched.

    Raises WheelMissing when a package has no pin, or no wheel that runs in the browser.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = recipe()
    versions = pins() | plan["pins"]
    waiting, found = list(plan["roots"]), dict[str, Wheel]()
    while waiting:
        name = waiting.pop()
        if name in found or name in plan["absent"]:
            continue
        if name not in versions:
            raise WheelMissing(
                f"{name} is needed in the browser and has no version: it is not in {PINS.name}, so "
                f"add it to [pins] in {RECIPE.relative_to(ROOT)}, or to [absent] with a reason"
            )
        version = versions[name]
        path = _kept(folder, name, version)
        if path is None:
            tell(f"fetching {name} {version}")
            _fetch(folder, name, version, pure=name in plan["pure"])
            path = _kept(folder, name, version)
        if path is None:
            raise WheelMissing(f"fetching {name} {version} gave no wheel of that name and version")
        found[name] = read(path)
        waiting += found[name].needs
    return sorted(found.values(), key=lambda wheel: wheel.name)


def read(path: Path) -> Wheel:
    """Read what a wheel says of itself."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        (about,) = [name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        header = archive.read(about).decode("utf-8").split("\n\n")[0]
    asked = map(Requirement, _field(header, "Requires-Dist"))
    wanted = [r for r in asked if r.marker is None or r.marker.evaluate(BROWSER)]
    return Wheel(
        name=canonicalize_name(next(_field(header, "Name"))),
        version=next(_field(header, "Version")),
        path=path,
        needs=tuple(dict.fromkeys(canonicalize_name(r.name) for r in wanted)),
        imports=tuple(sorted(set(_modules(names)))),
    )


def _field(header: str, name: str) -> Iterator[str]:
    return iter(re.findall(rf"^{name}: (.+?)\r?$", header, re.MULTILINE))


def _modules(names: list[str]) -> Iterator[str]:
    for name in names:
        top, _, rest = name.partition("/")
        if top.endswith((".dist-info", ".data")):
            continue
        if rest:
            if rest.endswith((".py", ".so")):
                yield top
        elif top.endswith((".py", ".so")):
            yield top.partition(".")[0]


def _kept(folder: Path, name: str, version: str) -> Path | None:
    for path in folder.glob("*.whl"):
        found, its_version = path.name.split("-")[:2]
        if canonicalize_name(found) == name and its_version == version:
            return path
    return None


def _fetch(folder: Path, name: str, version: str, *, pure: bool) -> None:
    what = ["--no-deps", "--quiet", "--disable-pip-version-check", f"{name}=={version}"]
    if pure:
        # No compiler: their builds then leave the C parts out.
        command = ["wheel", "--no-binary", name, "--wheel-dir", str(folder), *what]
        variables = {**os.environ, "CC": "false", "PYYAML_FORCE_LIBYAML": "0"}
    else:
        command = ["download", *_TARGET, "--dest", str(folder), *what]
        variables = dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-m", "pip", *command],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise WheelMissing(
            f"{name} {version} has no wheel that runs in the browser ({reason}). Choose a version "
            f"that has one, or see [absent] and pure in {RECIPE.relative_to(ROOT)}"
        )
