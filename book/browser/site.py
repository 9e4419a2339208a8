"""Make the site of the browser edition: JupyterLite, the course's notebooks, Pyodide."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from book.browser import patches, pyodide
from book.browser.wheels import PINS, ROOT, recipe

CACHE = ROOT / "_build" / "browser"
OUTPUT = ROOT / "_build" / "html" / "lite"

# What readers open, and the files beside it that cells read.
_CONTENTS = ("chapters", "exercises")
_WANTED = (".ipynb", ".md", ".json", ".py", ".csv", ".yml", ".svg", ".png")
_STAMP = "made-from.txt"
_HERE = Path(__file__).parent
_EXTENSIONS = (pyodide.LABEXTENSION, "jupyterlab-myst")
# With another name JupyterLite would ask the reader which kernel to take.
_KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
_SITE_PACKAGES = "/lib/python3.14/site-packages"


class ForeignAddress(Exception):  # noqa: N818 - it reads as a sentence
    """The site would ask another host."""


def build(output: Path, tell: Callable[[str], None], cache: Path = CACHE) -> bool:
    """Make the site in `output`, unless what is there was made from the same files.

    Args:
        output: a folder that belongs to the site alone; made anew.
        tell: told what is being done.
        cache: keeps downloads and compiled wheels between builds.

    Returns whether there was anything to do.

    Raises:
        ForeignAddress: an address of a content delivery network is left.
        RuntimeError, WheelMissing, ProgramMissing: as `pyodide.make` and `patches.apply`.
    """
    stamp = _fingerprint()
    kept = output / _STAMP
    if kept.is_file() and kept.read_text("utf-8") == stamp:
        return False
    work = cache / "site"
    shutil.rmtree(work, ignore_errors=True)  # into an old one, JupyterLite forgets settings
    lite, made = work / "in", work / "out"
    pyodide.make(cache, lite / "static" / "pyodide", tell)
    tell("putting JupyterLite together")
    _gather(lite / "contents")
    _write(lite / "jupyter-lite.json", _settings())
    _write(lite / "jupyter_lite_config.json", _build_settings(lite, made))
    _run_jupyterlite(lite)
    patches.apply(made)
    check(made)
    (made / _STAMP).write_text(stamp, "utf-8")
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    made.rename(output)
    shutil.rmtree(work)
    return True


def check(site: Path) -> None:
    """Raise ForeignAddress or RuntimeError when the site could not run on its own."""
    for file in patches.texts(site):
        found = patches.FOREIGN.search(file.read_bytes())
        if found:
            where = file.relative_to(site)
            raise ForeignAddress(f"{where} names {found[0].decode()}: no reader may be sent there")
    kernel = json.loads((site / "jupyter-lite.json").read_text("utf-8"))
    settings = kernel["jupyter-config-data"]["litePluginSettings"][patches.SETTINGS]
    for place in (settings["pyodideUrl"], settings["loadPyodideOptions"]["lockFileURL"]):
        if not (site / place).is_file():
            raise RuntimeError(f"the settings of the kernel name {place}, which is not in the site")


def _fingerprint() -> str:
    """Return a text that changes when anything changes from which the site is made."""
    digest = hashlib.sha256()
    sources = [*_HERE.rglob("*"), PINS]
    for folder in ("workbench", "mixtape"):
        sources += (ROOT / folder).rglob("*")
    sources += [file for file, _ in _contents()]
    for file in sorted(sources):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    for package in ("jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyterlab-myst"):
        digest.update(version(package).encode())
    return digest.hexdigest() + "\n"


def _contents() -> Iterator[tuple[Path, Path]]:
    """Give the files that a reader sees, and where."""
    for name in _CONTENTS:
        for file in sorted((ROOT / name).rglob("*")):
            inside = file.relative_to(ROOT)
            hidden = any(part.startswith((".", "__")) for part in inside.parts)
            if file.is_file() and file.suffix in _WANTED and not hidden:
                yield file, inside


def _gather(folder: Path) -> None:
    for file, inside in _contents():
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".ipynb":
            notebook = json.loads(file.read_text("utf-8"))
            notebook["metadata"]["kernelspec"] = _KERNEL
            _write(folder / inside, notebook)
        else:
            shutil.copy(file, folder / inside)


def _settings() -> dict[str, Any]:
    kernel = {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": "./static/pyodide/pyodide-lock.json",
            "packages": recipe()["at_start"],
            "env": {
                "HOME": "/home/pyodide",
                # Each look into the notebook's folder is a request; see workbench/browser.py.
                "PYTHONSAFEPATH": "1",
                "PYTHONSTARTUP": f"{_SITE_PACKAGES}/workbench/browser_startup.py",
            },
        },
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Is Python good for backend development?",
            "exposeAppInBrowser": True,  # a page of ours may drive it: the tests do
            "disabledExtensions": ["@jupyterlab/extensionmanager-extension"],
            "settingsOverrides": {
                "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}  # dark or light
            },
            "litePluginSettings": {patches.SETTINGS: kernel},
        },
    }


def _build_settings(lite: Path, made: Path) -> dict[str, Any]:
    extensions = Path(sys.prefix, "share", "jupyter", "labextensions")
    return {
        "LiteBuildConfig": {
            "apps": ["lab"],
            "contents": [str(lite / "contents")],
            "output_dir": str(made),
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(extensions / name) for name in _EXTENSIONS],
        }
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _run_jupyterlite(lite: Path) -> None:
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=lite, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise RuntimeError(f"JupyterLite could not be built:\n{last}")
