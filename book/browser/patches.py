"""Change what JupyterLite has built: no other host, an earlier Python, room on phones.

JupyterLite has no settings for these. Each change fails the build when what it changes has become
something else.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from book.browser.pyodide import LABEXTENSION

SCRIPTS = Path(__file__).with_name("scripts")
SETTINGS = f"{LABEXTENSION}:kernel"

# The last is the default of the kernel, which ours overrides: no reader's browser may ask it.
FOREIGN = re.compile(rb"https?://(?:cdn\.[\w.-]+|cdnjs\.[\w.-]+|unpkg\.com|esm\.sh)")
_TEXT = {".js", ".mjs", ".json", ".html", ".css", ".webmanifest", ".ipynb"}
_EARLY = "early.mjs"


def apply(site: Path) -> None:
    """Make all changes.

    Raises RuntimeError when JupyterLite or its kernel is built in another way than they expect.
    """
    _withdraw_foreign_addresses(site)
    _let_files_pass(site / "service-worker.js")
    _name_the_icon(site)
    _add_script(site / "lab" / "index.html", _script("close-files.js"))
    _start_python_early(site)


def texts(site: Path) -> Iterator[Path]:
    """Give the files in which an address may stand."""
    for file in sorted(site.rglob("*")):
        if file.suffix in _TEXT and file.is_file():
            yield file


def _script(name: str) -> str:
    return (SCRIPTS / name).read_text("utf-8")


def _withdraw_foreign_addresses(site: Path) -> None:
    """Replace the hosts that programs would fall back to by a name that nobody can have."""
    for file in texts(site):
        content = file.read_bytes()
        changed = FOREIGN.sub(b"https://nowhere.invalid", content)
        if changed != content:
            file.write_bytes(changed)


def _let_files_pass(worker: Path) -> None:
    worker.write_text(_script("service-worker.js") + worker.read_text("utf-8"), "utf-8")


def _name_the_icon(site: Path) -> None:
    """Say in each page where its icon is; else browsers ask the root of the host, in vain."""
    for page in site.rglob("index.html"):
        up = "../" * (len(page.relative_to(site).parts) - 1)
        _add_to_head(page, f'<link rel="icon" href="{up}lab/favicon.ico">')


def _add_script(page: Path, script: str) -> None:
    _add_to_head(page, f"<script>\n{script}</script>")


def _add_to_head(page: Path, what: str) -> None:
    before, mark, after = page.read_text("utf-8").partition("</head>")
    if not mark:
        raise RuntimeError(f"{page} has no head any more")
    page.write_text(f"{before}{what}{mark}{after}", "utf-8")


def _start_python_early(site: Path) -> None:
    """Let Python start with the page, in every worker that a kernel is made of."""
    folder = site / "extensions" / LABEXTENSION / "static"
    workers = sorted(folder.glob("comlink.worker.*.js"))
    if len(workers) != 1:
        raise RuntimeError(f"jupyterlite-pyodide-kernel has other workers now: see {folder}")
    (worker,) = workers
    place = worker.relative_to(site)
    up = "../" * (len(place.parts) - 1)
    program = worker.read_text("utf-8")
    worker.write_text(f'import "{up}static/pyodide/{_EARLY}";\n{program}', "utf-8")
    shutil.copy(SCRIPTS / _EARLY, site / "static" / "pyodide")
    file = site / "jupyter-lite.json"
    settings = json.loads(file.read_text("utf-8"))
    kernel = settings["jupyter-config-data"]["litePluginSettings"][SETTINGS]
    kernel["pyodideUrl"] = f"./static/pyodide/{_EARLY}"
    file.write_text(json.dumps(settings, indent=1) + "\n", "utf-8")
    script = _script("start-python.js").replace("WORKER", place.as_posix())
    _add_script(site / "lab" / "index.html", script)
