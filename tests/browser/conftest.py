"""The browser edition in Chromium, served below a sub-path, with every other host out of reach.

Most notebooks are run through the kernels of one open page, without showing them: that is the same
JupyterLite, service worker and Python as a reader's, and it takes a third of the time.
"""

import json
import re
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Route

from book.browser.site import CACHE, OUTPUT, build
from book.server import serving
from workbench.browser import SKIPPED

ROOT = Path(__file__).resolve().parents[2]
KERNEL_JS = Path(__file__).with_name("kernel.js").read_text("utf-8")
PATIENCE = 240_000  # ms; two of these run side by side, perhaps on a busy machine


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site, built by the first worker that needs it, if it is not up to date."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "building.lock"):
        build(OUTPUT, print)
    return OUTPUT


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


class Watched:
    """A page of the browser edition, and what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.foreign: list[str] = []
        self.errors: list[str] = []
        context.route("**/*", self._guard)
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _guard(self, route: Route) -> None:
        asked = urlsplit(route.request.url)
        # What the page itself has made (blob: and data:) comes from no host.
        if asked.scheme in ("http", "https") and asked.netloc != urlsplit(self.address).netloc:
            self.foreign.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def open(self, path: str = "") -> None:
        """Open JupyterLite, with the notebook at `path` if one is named."""
        query = f"?path={path}" if path else ""
        self.page.goto(f"{self.address}lab/index.html{query}")
        self.page.wait_for_function("window.jupyterapp?.allPluginsActivated")
        self.page.evaluate("window.jupyterapp.allPluginsActivated")

    def run(self, path: str, cells: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """Return the outputs of each cell of a notebook at `path`, run in a kernel of its own."""
        given = [{"source": "".join(c["source"]), "metadata": c["metadata"]} for c in cells]
        # Nobody awaits it here: the wait below ends, with words, when a cell never does.
        script = f"argument => {{ const run = {KERNEL_JS}\nrun(argument); }}"
        self.page.evaluate(script, [path, given])
        try:
            self.page.wait_for_function("path => window.ran?.[path]", arg=path)
        except Exception as error:
            progress = self.page.evaluate("window.progress")
            raise AssertionError(f"{path} did not end; the last was {progress}") from error
        found: list[list[dict[str, Any]]] = self.page.evaluate("path => window.ran[path]", path)
        return found


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """A page of a reader who comes for the first time."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context, address)
    context.close()


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Iterator[Watched]:
    """JupyterLite without an open notebook: kernels are driven through it."""
    context = browser.new_context()
    watched = Watched(context, address)
    watched.open()
    yield watched
    context.close()


def _sanitizers() -> list[tuple[str, str]]:
    parser = RawConfigParser()
    parser.read(ROOT / "tests" / "notebooks" / "sanitize.cfg", "utf-8")
    return [(parser[name]["regex"], parser[name]["replace"]) for name in parser.sections()]


def compared(outputs: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return what nbval compares of a cell's outputs: texts, forms of results, errors."""
    found: dict[str, list[str]] = {}
    streams: dict[str, str] = {}
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + "".join(output["text"])
        elif kind == "error":
            found.setdefault("error", []).append(f"{output['ename']}: {output['evalue']}")
        else:
            for form, content in output["data"].items():
                text = content if isinstance(content, str) else "".join(content)
                found.setdefault(form, []).append(text)
    found |= {name: [text] for name, text in streams.items()}
    for pattern, replacement in _sanitizers():
        for form, texts in found.items():
            found[form] = [re.sub(pattern, replacement, text) for text in texts]
    return found


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def check_outputs(cells: list[dict[str, Any]], got: list[list[dict[str, Any]]]) -> None:
    """Check what the browser showed against what is committed.

    Cells for a machine say that they are; those of measurements end without an error.
    """
    assert len(got) == len(cells)
    for cell, outputs in zip(cells, got, strict=True):
        source = "".join(cell["source"])
        tags, shown = cell["metadata"].get("tags", ()), compared(outputs)
        if "desktop" in tags:
            assert shown == {"stdout": [f"{SKIPPED}\n"]}, source
        elif "nbval-ignore-output" in tags:
            assert "error" not in shown, source
        else:
            assert shown == compared(cell["outputs"]), source


@pytest.fixture
def runs_unchanged(lab: Watched) -> Callable[[Path, str], None]:
    """Run the cells of a notebook as if it lay at a path, and check outputs and requests."""

    def check(notebook: Path, path: str) -> None:
        lab.errors.clear()
        cells = code_cells(notebook)
        check_outputs(cells, lab.run(path, cells))
        assert not lab.errors
        assert not lab.foreign

    return check
