"""What all the folders of tests share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return ROOT


@pytest.fixture(scope="session")
def bin_folder() -> Path:
    """Where the environment's programs are."""
    return Path(sys.executable).parent


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program; it may be missing only where nobody promised it."""
    from book.chromium import HOW_TO_GET, find_chromium

    found = find_chromium()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"Chromium is needed to look at the pages. {HOW_TO_GET}")
        pytest.skip(f"Chromium is needed to look at the pages. {HOW_TO_GET}")
    return found


@pytest.fixture(scope="module")  # as long as it is there, no other test can have an event loop
def browser(chromium: Path) -> "Iterator[Browser]":
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    from book.chromium import options

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options())
        yield started
        started.close()
