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
_FILES = ("pyodide.mjs", "pyodide.js", "pyodide.asm.mjs", "pyodide.asm.wasm")
_LIBRARY = "python_stdlib.zip"
_COMPILE = Path(__file__).with_name("scripts") / "compile.mjs"
LABEXTENSION = "@jupyterlite/pyodide-kernel-extension"
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
    wheel_files = [*found, _course(cache)]
    archives = [npm / _LIBRARY, *(wheel.path for wheel in wheel_files)]
    copies = _compiled(cache, npm, archives, plan["leave_out"], tell)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in [*(npm / name for name in _FILES), *copies.values()]:
        shutil.copy(path, folder / path.name)
    ready = [replace(wheel, path=copies[wheel.path]) for wheel in wheel_files]
    info = json.loads((npm / lock.FILE).read_text("utf-8"))["info"]
    lock.write(folder, ready, info, absent=plan["absent"], when_imported=plan["when_imported"])


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
    folder = Path(sys.prefix, "share", "jupyter", "labextensions", LABEXTENSION, "static", "pypi")
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
        about_it = {"METADATA": _metadata(about), "WHEEL": _WHEEL, "RECORD": ""}
        for name, text in about_it.items():
            # ZipInfo has the same time always: what is unchanged need not be compiled again.
            archive.writestr(zipfile.ZipInfo(f"{place}/{name}"), text)
    # What it asks for on a machine is more than runs here; imports load the rest.
    return replace(wheels.read(path), needs=_COURSE_NEEDS)


def _metadata(about: importlib.metadata.Distribution) -> str:
    # The second is what an editable installation has beside its sources.
    return about.read_text("METADATA") or about.read_text("PKG-INFO") or ""


def _compiled(
    cache: Path,
    npm: Path,
    archives: list[Path],
    leave_out: list[str],
    tell: Callable[[str], None],
) -> dict[Path, Path]:
    """Return for each archive its copy with bytecode, from the cache when it is there."""
    recipe = hashlib.sha256(_COMPILE.read_bytes() + json.dumps(leave_out).encode())
    recipe.update(npm.parents[1].name.encode())
    target = cache / "compiled"
    target.mkdir(parents=True, exist_ok=True)
    copies = {}
    for path in archives:
        key = hashlib.sha256(recipe.digest() + path.read_bytes()).hexdigest()[:12]
        copies[path] = target / key / path.name
    new = {str(path): str(copy) for path, copy in copies.items() if not copy.is_file()}
    if new:
        tell(f"compiling {len(new)} packages for the browser")
        for copy in new.values():
            Path(copy).parent.mkdir(exist_ok=True)
        _run(["node", str(_COMPILE), str(npm), json.dumps(leave_out), json.dumps(new)], cache)
    return copies
