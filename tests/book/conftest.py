"""The book, built once for all the tests of this folder, and a browser that looks at it."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
