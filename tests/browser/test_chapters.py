"""Every chapter that is said to run in the browser runs there, and shows what the book shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from book.notebooks import ROOT, read_notebook, read_toc

CHAPTERS = [
    name
    for name in read_toc()
    if name.startswith("chapters/")
    and (ROOT / f"{name}.ipynb").is_file()
    and read_notebook(name).browser
]


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_runs_unchanged(name: str, runs_unchanged: Callable[[Path, str], None]) -> None:
    runs_unchanged(ROOT / f"{name}.ipynb", f"{name}.ipynb")
