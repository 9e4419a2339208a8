"""The book, built once for all the tests of this folder, and a browser that looks at it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from book.chromium import HOW_TO_GET, find_chromium, options
from book.server import serving


def build(root: Path, bin_folder: Path, output: Path) -> Path:
    """Build the book below a folder and return its pages. A warning is an error."""
    command = [str(bin_folder / "jupyter-book"), "build", ".", "-W", "-n", "--keep-going"]
    command += ["--path-output", str(output)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def book(root: Path, bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages."""
    return build(root, bin_folder, tmp_path_factory.mktemp("book"))


@pytest.fixture
def build_again(root: Path, bin_folder: Path, book: Path) -> Callable[[], None]:
    """Build the book once more where it is."""

    def again() -> None:
        assert build(root, bin_folder, book.parents[1]) == book

    return again


@pytest.fixture(scope="session")
def address(book: Path) -> Iterator[str]:
    """Where the pages are served, below a sub-path; ends in a slash."""
    with serving(book) as where:
        yield where


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program; it may be missing only where nobody promised it."""
    found = find_chromium()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"Chromium is needed to look at the pages. {HOW_TO_GET}")
        pytest.skip(f"Chromium is needed to look at the pages. {HOW_TO_GET}")
    return found


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options())
        yield started
        started.close()
