"""What every committed notebook keeps, beside the outputs that nbval compares."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from book.notebooks import read_notebook, reading_minutes

ROOT = Path(__file__).resolve().parents[2]


def notebooks(folder: str) -> list[Path]:
    """The notebooks of a folder, without the copies that an open JupyterLab keeps."""
    found = sorted((ROOT / folder).rglob("*.ipynb"))
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


CHAPTERS, SOLUTIONS, EXERCISES = map(notebooks, ("chapters", "solutions", "exercises"))
EVERY = CHAPTERS + SOLUTIONS + EXERCISES

PORT_OR_PATH = re.compile(
    r"(127\.0\.0\.1|localhost):\d{4,5}|/(home|root|tmp|Users|work)/|\\Users\\"
)
CLOCK = re.compile(r"\b\d{2}:\d{2}:\d{2}\b")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


def test_there_are_notebooks() -> None:
    assert CHAPTERS
    assert SOLUTIONS
    assert [p.relative_to(ROOT / "solutions") for p in SOLUTIONS] == [
        p.relative_to(ROOT / "exercises") for p in EXERCISES
    ]


def test_every_notebook_is_normalised() -> None:
    command = [sys.executable, "-m", "grading.normalise", "--verify", *map(str, EVERY)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CHAPTERS + SOLUTIONS, ids=name)
def test_two_thirds_of_the_cells_with_output_are_compared(path: Path) -> None:
    with_output = [cell for cell in code_cells(path) if cell["outputs"]]
    ignored = [cell for cell in with_output if "nbval-ignore-output" in tags(cell)]
    assert with_output, "a notebook is committed with its outputs"
    assert len(ignored) * 3 <= len(with_output)
    assert not [cell for cell in code_cells(path) if "nbval-skip" in tags(cell)]


@pytest.mark.parametrize("path", CHAPTERS + SOLUTIONS, ids=name)
def test_cells_were_run_once_from_top_to_bottom(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", CHAPTERS + SOLUTIONS, ids=name)
def test_a_measurement_is_followed_by_an_assertion(path: Path) -> None:
    cells = code_cells(path)
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        if "nbval-ignore-output" not in tags(cell):
            continue
        rest = cells[cells.index(cell) + 1 :]
        until = next((c for c in rest if "nbval-ignore-output" not in tags(c)), following)
        assert until is not None, "the last cell is a measurement that nothing holds"
        assert "assert" in "".join(until["source"]), "".join(cell["source"])


@pytest.mark.parametrize("path", EVERY, ids=name)
def test_no_port_path_or_clock_in_an_output(path: Path) -> None:
    for cell in code_cells(path):
        if "nbval-ignore-output" in tags(cell):
            continue
        printed = json.dumps(cell["outputs"])
        assert not PORT_OR_PATH.search(printed), "".join(cell["source"])
        assert not CLOCK.search(printed), "".join(cell["source"])


@pytest.mark.parametrize("path", EVERY, ids=name)
def test_no_path_of_a_machine_anywhere(path: Path) -> None:
    assert not re.search(r"/(home|root|tmp|Users|work)/", path.read_text("utf-8"))


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_cells_are_small(path: Path) -> None:
    long = [c for c in code_cells(path) if len("".join(c["source"]).splitlines()) > 25]
    assert not long, "".join(long[0]["source"])


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_a_chapter_says_how_long_it_really_takes(path: Path) -> None:
    """The time to read its text, code at ten lines a minute, and some time to think."""
    stated = read_notebook(path.relative_to(ROOT).with_suffix("").as_posix()).minutes
    assert stated, "the box names no time"
    prose = [c for c in read(path)["cells"] if c["cell_type"] == "markdown"]
    text = "\n".join("".join(cell["source"]) for cell in prose)
    code = "\n".join("".join(cell["source"]) for cell in code_cells(path))
    lines = sum(bool(line.strip()) for line in code.splitlines())
    assert 1 <= stated / (reading_minutes(text) + lines / 10) < 1.5


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_a_chapter_keeps_to_the_frame(path: Path) -> None:
    """CONTRIBUTING.md, "The frame of a chapter"."""
    text = "\n".join(
        "".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"
    )
    code = "\n".join("".join(cell["source"]) for cell in code_cells(path))
    assert text.startswith("# ")
    assert "ledger.md#" in text.split("\n## ")[0], "the claim on trial, with its row"
    assert "minutes" in text.split("\n## ")[0].lower()
    assert "\n## Check yourself" in text
    assert f'quiz("{path.stem}")' in code
    assert "\n## Verdict" in text
    assert "\n## Key points" in text or "**Key points" in text
    exercise = path.relative_to(ROOT / "chapters").as_posix()
    if (ROOT / "exercises" / exercise).exists():
        assert f"exercises/{exercise}" in text
    assert "guess" in code, "the reader writes a guess before a measurement"


@pytest.mark.parametrize("path", sorted((ROOT / "chapters/quizzes").glob("*.json")), ids=name)
def test_every_option_of_a_quiz_has_an_answer_of_its_own(path: Path) -> None:
    questions = json.loads(path.read_text("utf-8"))
    assert 2 <= len(questions) <= 4
    for question in questions:
        feedback = [answer["feedback"] for answer in question["answers"]]
        assert all(feedback)
        assert len(set(feedback)) == len(feedback)
        assert any(answer["correct"] for answer in question["answers"])
