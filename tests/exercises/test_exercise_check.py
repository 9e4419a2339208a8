"""What `python -m workbench.exercise_check` says and returns for good and for broken notebooks."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from workbench import exercise_check

SECTION, NOTEBOOK = "02_advantages", "01_flask.ipynb"
Check = Callable[[Path], tuple[int, str, str]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Checks a notebook and gives the exit code, and what was printed to stdout and stderr."""

    def run(path: Path) -> tuple[int, str, str]:
        before = path.read_bytes() if path.is_file() else b""
        code = exercise_check.main([str(path)])
        assert (path.read_bytes() if path.is_file() else b"") == before, "the file was changed"
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def said_of(printed: str, task: str) -> str:
    """What was printed of a task: its line, and the lines below it that are set in."""
    lines = printed.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(task))
    end = start + 1
    while end < len(lines) and lines[end].startswith("    "):
        end += 1
    return "\n".join(lines[start:end])


# Notebooks that run


def test_untouched_exercise_is_not_done_yet(flask, check) -> None:
    code, printed, _ = check(flask.released)
    assert code == 1
    assert printed.count("not yet, 0 of") == len(flask.tasks)
    assert printed.count("This task is not done yet.") == len(flask.tasks)
    assert "0 of 5 tasks done, 0 of 12 points." in printed
    assert "give 12 points more" in printed


def test_right_answers_pass_whatever_they_write_to_stderr(wsgi, tmp_path, check) -> None:
    path = tmp_path / wsgi.released.name
    nbformat.write(wsgi.submissions()["worked_and_noisy"], path)
    code, printed, errors = check(path)
    assert code == 0
    assert "5 of 5 tasks done, 11 of 11 points." in printed
    assert "stderr" not in printed + errors


def test_worked_answers_run_all_checks(flask, check) -> None:
    code, printed, _ = check(flask.solved)
    assert code == 0
    assert "5 of 5 tasks done, 24 of 24 points." in printed
    assert "run at grading" not in printed


def test_wrong_answers_are_told_what_came_back(wsgi, tmp_path, check) -> None:
    exercise = wsgi
    answers = exercise.worked | {
        "echo": """def echo_app(environ, start_response):
    start_response("200 OK", [])
    return [b"/tracks/7"]""",
        "catalogue": """def catalogue_app(environ, start_response):
    return answer(start_response, "200 OK", TRACKS[nonsense])""",
        "search": "search_app = 5",
        "page": """import time


def page_app(environ, start_response):
    time.sleep(60)""",
    }
    path = tmp_path / exercise.released.name
    nbformat.write(exercise.answered(answers), path)
    code, printed, _ = check(path)
    assert code == 1
    echo = said_of(printed, "Task 1")
    assert "not yet, 0 of 1 point\n" in echo
    assert "GET /tracks/7" in echo
    assert "the words GET /tracks/7" in echo
    assert "200 OK" in echo
    catalogue = said_of(printed, "Task 2")
    assert "NameError: name 'nonsense' is not defined" in catalogue
    search = said_of(printed, "Task 3")
    assert "search_app" in search
    assert "not a web application" in search
    page = said_of(printed, "Task 4")
    assert "got no answer in time: does your function wait" in page
    assert "done, 3 of 3 points" in said_of(printed, "Task 5")
    assert "Traceback" not in printed


def test_a_task_that_hangs_or_ends_python_costs_no_other(
    wsgi, tmp_path, check, monkeypatch
) -> None:
    monkeypatch.setattr(exercise_check, "SECONDS", 8)
    exercise = wsgi
    answers = exercise.worked | {
        "echo": "import time\n\ntime.sleep(1000)",
        "catalogue": "import os\n\nos._exit(3)",
        "search": "def search_app(:\n    pass",
        "protect": "x = 1\ny = x / 0",
    }
    path = tmp_path / exercise.released.name
    nbformat.write(exercise.answered(answers), path)
    code, printed, _ = check(path)
    assert code == 1
    assert "Your cell ran longer than 8 s" in said_of(printed, "Task 1")
    assert "Your cell ended the Python that runs the notebook" in said_of(printed, "Task 2")
    assert "Your cell stopped in line 1 with SyntaxError" in said_of(printed, "Task 3")
    assert "done, 3 of 3 points" in said_of(printed, "Task 4")
    failed = said_of(printed, "Task 5")
    assert "Your cell stopped in line 2 with ZeroDivisionError: division by zero" in failed
    assert "1 of 5 tasks done" in printed


# Notebooks that cannot be checked


def refused(check: Check, path: Path) -> str:
    code, printed, errors = check(path)
    assert code == 2
    assert printed == ""
    assert "Traceback" not in errors
    return errors


def test_missing_file(check, tmp_path) -> None:
    path = tmp_path / "nowhere.ipynb"
    assert refused(check, path) == f"There is no file {path}: check the spelling and the folder.\n"


def test_folder(check, tmp_path) -> None:
    assert "is a folder: name one of the notebooks" in refused(check, tmp_path)


def test_other_kind_of_file(check, tmp_path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    assert "is not a notebook: its name does not end in .ipynb" in refused(check, path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is damaged, it is not JSON"),
        (b'{"cells": [', "is damaged, it is not JSON"),
        (b"\xff\xfe\x00", "is damaged, it is not JSON"),
        (b"[1, 2]", "is JSON, but not a Jupyter notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "is JSON, but not a Jupyter notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "is a damaged Jupyter notebook"),
        (
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": 1}]}',
            "is a damaged Jupyter notebook",
        ),
    ],
)
def test_damaged_notebook(check, tmp_path, content, reason) -> None:
    path = tmp_path / "damaged.ipynb"
    path.write_bytes(content)
    errors = refused(check, path)
    assert reason in errors
    assert len(errors.splitlines()) == 1


def test_notebook_without_tasks(check, tmp_path) -> None:
    path = tmp_path / "chapter.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, path)
    assert "has no tasks to check: name a notebook of the folder exercises" in refused(check, path)


def change(path: Path, grade_id: str, how: Callable[[dict], None] | None) -> None:
    """Change the cell with this grade_id in a notebook file, or delete it."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in list(notebook["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            if how is None:
                notebook["cells"].remove(cell)
            else:
                how(cell)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def soften(cell: dict) -> None:
    cell["source"] = "print('all is well')"


def raise_points(cell: dict) -> None:
    cell["metadata"]["nbgrader"]["points"] = 100


def forge(cell: dict) -> None:
    soften(cell)
    cell["metadata"]["nbgrader"]["checksum"] = exercise_check._checksum(nbformat.from_dict(cell))


@pytest.fixture
def in_place(course, monkeypatch) -> Path:
    """An exercise in its own folder of a course."""
    monkeypatch.setattr(exercise_check, "COURSE", course)
    return course / "exercises" / SECTION / NOTEBOOK


@pytest.fixture
def copied(in_place, tmp_path) -> Path:
    """A copy of an exercise somewhere else."""
    path = tmp_path / "my work" / NOTEBOOK
    path.parent.mkdir()
    path.write_bytes(in_place.read_bytes())
    return path


@pytest.mark.parametrize(
    ("grade_id", "how", "problem"),
    [
        ("decade_check", soften, "decade_check: changed"),
        ("longest_check", raise_points, "longest_check: changed"),
        ("library_hidden", soften, "library_hidden: changed"),
        ("problems_check", None, "problems_check: deleted"),
        ("playlists", None, "playlists: deleted"),
    ],
)
def test_changed_and_deleted_checks_are_named(check, in_place, copied, grade_id, how, problem):
    change(copied, grade_id, how)
    errors = refused(check, copied)
    assert f"    {problem}\n" in errors
    assert f"Take a new copy of the exercise (exercises/{SECTION}/{NOTEBOOK})" in errors
    change(in_place, grade_id, how)
    errors = refused(check, in_place)
    assert f"    {problem}\n" in errors
    assert f"`git checkout -- exercises/{SECTION}/{NOTEBOOK}`" in errors


def test_a_copy_is_held_against_the_released_exercise(check, copied) -> None:
    change(copied, "decade_check", forge)
    errors = refused(check, copied)
    assert "decade_check: changed" in errors
    assert f"(exercises/{SECTION}/{NOTEBOOK})" in errors


def test_all_checks_deleted_is_not_the_same_as_no_tasks(check, in_place, flask) -> None:
    for task in flask.tasks:
        change(in_place, f"{task.name}_check", None)
        change(in_place, f"{task.name}_hidden", None)
    assert refused(check, in_place).count(": deleted") == 2 * len(flask.tasks)


# The command itself


def test_command_returns_the_exit_code(root, tmp_path) -> None:
    command = [sys.executable, "-m", "workbench.exercise_check", str(tmp_path / "none.ipynb")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no file")
    assert done.stdout == ""


def test_python_that_does_not_start_is_said_in_words(wsgi, check, monkeypatch) -> None:
    def setup_kernel(*arguments: object, **options: object) -> None:
        raise RuntimeError("no kernel")

    monkeypatch.setattr(exercise_check.NotebookClient, "setup_kernel", setup_kernel)
    code, _, errors = check(wsgi.released)
    assert code == 1
    assert "did not start (no kernel). Run: python course.py doctor" in errors


def test_needs_nothing_of_the_instructors(root) -> None:
    program = "import sys, workbench.exercise_check; print('nbgrader' in sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
