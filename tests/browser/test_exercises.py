"""Every exercise that is said to run in the browser can be solved there.

What is run are the worked answers, because their outputs are committed: each has the cells of its
exercise, and the checks, which call the learner's app, pass.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from book.notebooks import ROOT, companion, is_notebook, read_notebook, read_toc

EXERCISES = [
    name
    for name in read_toc()
    if name.startswith("exercises/") and is_notebook(name) and read_notebook(name).browser
]


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_can_be_solved(name: str, runs_unchanged: Callable[[Path, str], None]) -> None:
    worked = companion(name, "solutions")
    assert worked
    runs_unchanged(ROOT / f"{worked}.ipynb", f"{name}.ipynb")
