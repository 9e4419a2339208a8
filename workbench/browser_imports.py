"""Let an import load the package that brings the module, wherever the import stands.

Pyodide reads the imports of a cell before the cell runs. Imports in a program that a cell loads, in
a text that names a module (as Django's settings do), or in a package of this course, it cannot see.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import io
import site
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def install() -> None:
    """Add the finder, once."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())


class Finder(importlib.abc.MetaPathFinder):
    """Asked last: finds modules of packages that the site has and that are not loaded yet."""

    def __init__(self) -> None:
        """Read which package brings which module."""
        import pyodide_js  # type: ignore[import-not-found]

        self._pyodide = pyodide_js
        self._packages: dict[str, Any] = pyodide_js.lockfile.packages.to_py()
        self._home = {
            module: name for name, entry in self._packages.items() for module in entry["imports"]
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Load the package of a top-level module and find the module in it."""
        name = self._home.get(fullname) if path is None else None
        if name is None or not self._load(name):
            return None
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(fullname)

    def _load(self, name: str) -> bool:
        """Unpack a package and those that it needs; tell whether it was not there before."""
        loaded = self._pyodide.loadedPackages
        if hasattr(loaded, name):
            return False
        setattr(loaded, name, "default channel")
        for needed in self._packages[name]["depends"]:
            self._load(needed)
        archive = fetch(self._pyodide.lockfileBaseUrl + self._packages[name]["file_name"])
        with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
            wheel.extractall(site.getsitepackages()[0])
        return True


def fetch(address: str) -> bytes:
    """Return what a GET request gives, in the one way that a worker can wait for."""
    from js import XMLHttpRequest  # type: ignore[import-not-found]

    request = XMLHttpRequest.new()
    request.open("GET", address, False)
    request.responseType = "arraybuffer"
    request.send()
    if request.status != 200:
        raise ImportError(f"{address} could not be loaded (status {request.status})")
    content: bytes = request.response.to_bytes()
    return content
