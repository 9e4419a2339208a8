"""Write Pyodide's lock: which wheel brings a module, and which others it needs.

With it, `import flask` in a cell loads Flask and what Flask needs, and no cell installs anything.
"""

import hashlib
import json
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

from book.browser.wheels import Wheel, WheelMissing

FILE = "pyodide-lock.json"


def write(
    folder: Path,
    wheels: Iterable[Wheel],
    info: dict[str, Any],
    *,
    absent: Container[str] = (),
    when_imported: Container[str] = (),
) -> None:
    """Write the lock of `wheels`, which are in `folder`, into that folder.

    Args:
        folder: where the lock and the wheels are served from.
        wheels: all that may be loaded.
        info: what Pyodide's own lock says about its Python; copied as it is.
        absent: packages that are required and left out on purpose.
        when_imported: packages that come with an import of theirs, and not with those that
            require them.

    Raises WheelMissing when a wheel needs another that is neither there nor absent on purpose.
    """
    by_name = {wheel.name: wheel for wheel in wheels}
    for wheel in by_name.values():
        for name in wheel.needs:
            if name not in by_name and name not in absent:
                raise WheelMissing(f"{wheel.name} needs {name}, and there is no wheel of it")
    at_once = {name for name in by_name if name not in when_imported}
    packages = {name: _entry(wheel, at_once) for name, wheel in sorted(by_name.items())}
    text = json.dumps({"info": info, "packages": packages}, indent=1, sort_keys=True)
    (folder / FILE).write_text(text + "\n", "utf-8")


def _entry(wheel: Wheel, at_once: Container[str]) -> dict[str, Any]:
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.path.name,
        "sha256": hashlib.sha256(wheel.path.read_bytes()).hexdigest(),
        "install_dir": "site",
        "package_type": "package",
        "imports": list(wheel.imports),
        "depends": [name for name in wheel.needs if name in at_once],
        "unvendored_tests": False,
    }
