"""Put Pyodide and its packages into one folder: the interpreter, the wheels and their lock."""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

from book.browser import lock, wheels
from book.browser.wheels import ROOT, Wheel

COURSE = "is-python-good-for-backend"
_FILES = ("pyodide.mjs", "pyodide.js", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
_COMPILE = Path(__file__).with_name("compile.mjs")
_LABEXTENSION = "@jupyterlite/pyodide-kernel-extension"
# The kernel's own wheels; those of widgets are not among them, as no notebook has any.
_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")
_PACKAGES = ("workbench", "mixtape")
_COURSE_NEEDS = ("requests",)
_WHEEL = "Wheel-Version: 1.0\nGenerator: book.browser\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class ProgramMissing(Exception):  # noqa: N818 - it reads as a sentence
    """A program that the build runs is not on this machine."""


def make(cache: Path, folder: Path, tell: Callable[[str], None]) -> None:
    """Fill `folder` with what the page's Python is loaded from.

    Args:
        cache: keeps downloads and compiled wheels between builds.
        folder: made anew.
        tell: told what is being done.

    Raises:
        WheelMissing: a package cannot be had for the browser.
        ProgramMissing: Node.js is not installed.
        RuntimeError: a version does not fit, or a program failed; its words are in the message.
    """
    cache = cache.resolve()  # programs run in other folders
    plan = wheels.recipe()
    if plan["pyodide"] != PYODIDE_VERSION:
        raise RuntimeError(
            f"packages.toml names Pyodide {plan['pyodide']}, and the installed kernel is written "
            f"for {PYODIDE_VERSION}: change the one or the other"
        )
    npm = _from_npm(cache / "npm", plan["pyodide"], tell)
    found = wheels.collect(cache / "wheels", tell)
    found += [wheels.read(path) for path in _kernel_wheels()]
    ready = _compiled(cache, npm, [*found, _course(cache)], plan["leave_out"], tell)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _FILES:
        shutil.copy(npm / name, folder / name)
    for wheel in ready:
        shutil.copy(wheel.path, folder / wheel.path.name)
    info = json.loads((npm / lock.FILE).read_text("utf-8"))["info"]
    lock.write(folder, ready, info, list(plan["absent"]))


def _from_npm(folder: Path, version: str, tell: Callable[[str], None]) -> Path:
    """Return the folder of the npm package pyodide, fetched if it is not there."""
    package = folder / version / "node_modules" / "pyodide"
    if not (package / "pyodide.asm.wasm").is_file():
        tell(f"fetching Pyodide {version}")
        package.parent.mkdir(parents=True, exist_ok=True)
        options = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".")
        _run(["npm", "install", *options, f"pyodide@{version}"], folder / version)
    return package


def _run(command: list[str], folder: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise ProgramMissing(
            f"{command[0]} is not installed. The browser edition is put together with Node.js; "
            "install it (Debian and Ubuntu: apt install nodejs npm; macOS: brew install node; "
            "Windows: winget install OpenJS.NodeJS.LTS)"
        )
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise RuntimeError(f"{command[0]} failed:\n{last}")


def _kernel_wheels() -> list[Path]:
    folder = Path(sys.prefix, "share", "jupyter", "labextensions", _LABEXTENSION, "static", "pypi")
    found = [path for name in _KERNEL for path in sorted(folder.glob(f"{name}-*.whl"))]
    if len(found) != len(_KERNEL):
        raise RuntimeError(f"jupyterlite-pyodide-kernel brings other wheels now: see {folder}")
    return found


def _course(folder: Path) -> Wheel:
    """Make a wheel of the course's own packages, as they are now."""
    about = importlib.metadata.distribution(COURSE)
    path = folder / f"{COURSE.replace('-', '_')}-{about.version}-py3-none-any.whl"
    place = f"{COURSE.replace('-', '_')}-{about.version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in _PACKAGES:
            for file in sorted((ROOT / package).rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    archive.write(file, file.relative_to(ROOT).as_posix())
        archive.writestr(f"{place}/METADATA", _metadata(about))
        archive.writestr(f"{place}/WHEEL", _WHEEL)
        archive.writestr(f"{place}/RECORD", "")
    # What it asks for on a machine is more than runs here; imports load the rest.
    return replace(wheels.read(path), needs=_COURSE_NEEDS)


def _metadata(about: importlib.metadata.Distribution) -> str:
    # The second is what an editable installation has beside its sources.
    return about.read_text("METADATA") or about.read_text("PKG-INFO") or ""


def _compiled(
    cache: Path, npm: Path, found: list[Wheel], leave_out: list[str], tell: Callable[[str], None]
) -> list[Wheel]:
    """Return the wheels with bytecode; what was compiled before is taken from the cache."""
    recipe = hashlib.sha256(_COMPILE.read_bytes() + json.dumps(leave_out).encode())
    recipe.update(npm.parents[1].name.encode())
    target = cache / "compiled"
    target.mkdir(parents=True, exist_ok=True)
    places = {}
    for wheel in found:
        key = hashlib.sha256(recipe.digest() + wheel.path.read_bytes()).hexdigest()[:12]
        places[wheel.path] = target / key / wheel.path.name
    new = [wheel for wheel in found if not places[wheel.path].is_file()]
    if new:
        tell(f"compiling {len(new)} packages for the browser")
        for wheel in new:
            places[wheel.path].parent.mkdir(exist_ok=True)
        pairs = {str(wheel.path): str(places[wheel.path]) for wheel in new}
        _run(["node", str(_COMPILE), str(npm), json.dumps(leave_out), json.dumps(pairs)], cache)
    return [replace(wheel, path=places[wheel.path]) for wheel in found]
