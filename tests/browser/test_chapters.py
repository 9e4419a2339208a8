"""Every chapter that the browser edition has runs there, and shows what the book shows."""

from pathlib import Path

import pytest

from workbench.browser import SKIPPED

from .conftest import ROOT, Watched, code_cells, compared, tags

CHAPTERS = [
    path
    for path in sorted((ROOT / "chapters").rglob("*.ipynb"))
    if not path.parent.name.startswith(".")
]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_unchanged(lab: Watched, path: Path) -> None:
    check_runs(lab, path, path)
