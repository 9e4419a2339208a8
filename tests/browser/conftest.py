"""The browser edition in Chromium, served below a sub-path, with every other host out of reach."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from book.browser.server import serving
from book.browser.site import CACHE, OUTPUT, build

ROOT = Path(__file__).resolve().parents[2]
KERNEL_JS = Path(__file__).with_name("kernel.js").read_text("utf-8")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
PATIENCE = 240_000  # ms; two of these run side by side, perhaps on a busy machine
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site, built by the first worker that needs it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "building.lock"):
        build(OUTPUT, print)
    return OUTPUT


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with serving(site, "/some/where/lite/") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt install chromium")
        pytest.skip("Chromium is not installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


class Watched:
    """A page and what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.foreign: list[str] = []
        self.errors: list[str] = []
        context.route("**/*", self._guard)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self._note(message.type, message))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _guard(self, route: Route) -> None:
        # What the page itself has made (blob: and data:) comes from no host.
        host = re.match(r"https?://[^/]+/", route.request.url)
        if host and not self.address.startswith(host[0]):
            self.foreign.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def _note(self, kind: str, message: Any) -> None:
        if kind == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open_lab(self, path: str = "") -> None:
        query = f"?path={path}" if path else ""
        self.page.goto(f"{self.address}lab/index.html{query}")
        self.page.wait_for_function("window.jupyterapp?.allPluginsActivated")
        self.page.evaluate("window.jupyterapp.allPluginsActivated")

    def run(self, path: str, cells: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """The outputs of each cell of a notebook at `path`, run in a kernel of its own."""
        given = [
            {"source": "".join(cell["source"]), "metadata": cell["metadata"]} for cell in cells
        ]
        # Not awaited here: the wait below ends, with words, when a cell never does.
        self.page.evaluate(
            f"argument => {{ const run = {KERNEL_JS}\nrun(argument); }}", [path, given]
        )
        try:
            self.page.wait_for_function("path => window.ran[path]", arg=path)
        except Exception as error:
            raise AssertionError(
                f"it never ended: {self.page.evaluate('window.progress')}"
            ) from error
        found: list[list[dict[str, Any]]] = self.page.evaluate("path => window.ran[path]", path)
        return found


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Iterator[Watched]:
    """JupyterLite without an open notebook: kernels are driven through it."""
    context = browser.new_context()
    watched = Watched(context, address)
    watched.open_lab()
    yield watched
    context.close()


def sanitizers() -> list[tuple[str, str]]:
    parser = RawConfigParser()
    parser.read(ROOT / "tests" / "notebooks" / "sanitize.cfg", "utf-8")
    return [(parser[name]["regex"], parser[name]["replace"]) for name in parser.sections()]


SANITIZERS = sanitizers()


def compared(outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What nbval compares of the outputs of a cell: streams, errors, and each form of a result."""
    found: dict[tuple[str, int], str] = {}
    for number, output in enumerate(outputs):
        match output["output_type"]:
            case "stream":
                found[f"stream {output['name']}", 0] = found.get(
                    (f"stream {output['name']}", 0), ""
                ) + "".join(output["text"])
            case "error":
                found["error", number] = f"{output['ename']}: {output['evalue']}"
            case kind:
                for form, content in output["data"].items():
                    text = "".join(content) if isinstance(content, list) else content
                    shown = text if isinstance(text, str) else json.dumps(text)
                    found[f"{kind} {form}", number] = shown
    pairs = [(kind, text) for (kind, _), text in found.items()]
    for pattern, replacement in SANITIZERS:
        pairs = [(kind, re.sub(pattern, replacement, text)) for kind, text in pairs]
    return sorted(pairs)


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def tags(cell: dict[str, Any]) -> list[str]:
    found: list[str] = cell["metadata"].get("tags", [])
    return found
