"""Exercises are what the solutions give, and `grading.generate` says so when they are not."""

from pathlib import Path

import nbformat
import pytest

from grading import generate

FLASK = Path("02_advantages", "01_flask.ipynb")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_committed_exercises_are_what_the_solutions_give(capsys) -> None:
    assert generate.main(["--verify"]) == 0
    assert "exercises/ is what solutions/ gives" in capsys.readouterr().out


def test_verify_names_what_differs_is_missing_or_extra_and_changes_nothing(course, capsys) -> None:
    edited = course / "exercises" / FLASK
    edited.write_bytes(edited.read_bytes().replace(b"Exercise: Flask", b"Exercise: Bottle"))
    (course / "exercises/01_role/01_what_a_backend_does.ipynb").unlink()
    (course / "exercises/01_role/notes.txt").write_text("mine")
    checkpoint = course / "exercises/01_role/.ipynb_checkpoints/x.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text("Jupyter's")
    before = contents(course)
    assert generate.main(["--verify", "--course", str(course)]) == 1
    assert contents(course) == before
    errors = capsys.readouterr().err
    assert "  differs  exercises/02_advantages/01_flask.ipynb\n" in errors
    assert "  missing  exercises/01_role/01_what_a_backend_does.ipynb\n" in errors
    assert "  extra    exercises/01_role/notes.txt\n" in errors
    assert "checkpoints" not in errors
    assert "python -m grading.generate" in errors


def test_generate_writes_the_same_bytes_and_leaves_the_rest_alone(course, root, capsys) -> None:
    edited = course / "exercises" / FLASK
    edited.write_bytes(b"{}")
    (course / "exercises/02_advantages/mine.txt").write_text("mine")
    (course / "solutions/02_advantages/tracks.csv").write_text("id,title\n")
    assert generate.main(["--course", str(course)]) == 0
    made = contents(course / "exercises")
    assert made.pop("02_advantages/mine.txt") == b"mine"
    assert made.pop("02_advantages/tracks.csv") == b"id,title\n"
    assert made == contents(root / "exercises")
    printed = capsys.readouterr().out
    assert "] 02_advantages/01_flask.ipynb\n" in printed
    assert "mine.txt comes from no solution" in printed
    assert set(contents(course)) == {
        *(f"exercises/{name}" for name in contents(course / "exercises")),
        *(f"solutions/{name}" for name in contents(course / "solutions")),
    }, "a gradebook or another file of nbgrader's was left in the course"


def test_a_fault_in_a_solution_is_named_and_nothing_is_written(course, capsys) -> None:
    faulty = course / "solutions" / FLASK
    faulty.write_bytes(faulty.read_bytes().replace(b"### END SOLUTION", b"### END"))
    before = contents(course)
    assert generate.main(["--course", str(course)]) == 1
    errors = capsys.readouterr().err
    assert "solutions/02_advantages/01_flask.ipynb: RuntimeError: no end solution" in errors
    assert "Traceback" not in errors
    assert contents(course) == before


def test_a_course_without_solutions_is_said_in_words(tmp_path, capsys) -> None:
    assert generate.main(["--course", str(tmp_path)]) == 1
    assert "there are no notebooks in" in capsys.readouterr().err


def test_a_solution_outside_a_section_is_named(course, capsys) -> None:
    (course / "solutions" / "stray.ipynb").write_text("{}")
    assert generate.main(["--verify", "--course", str(course)]) == 1
    assert "solutions/stray.ipynb is not in a section's folder" in capsys.readouterr().err


def test_an_exercise_holds_no_answer_no_hidden_check_and_no_output(exercise) -> None:
    text = exercise.released.read_text(encoding="utf-8")
    for word in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "hide-input", "Random("):
        assert word not in text
    for cell in nbformat.read(exercise.released, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_place_for_code_says_so(task) -> None:
    notebook = nbformat.read(task.exercise.released, as_version=4)
    cell = next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == task.name
    )
    lines = [line.strip() for line in cell.source.splitlines()]
    place = lines.index("# YOUR CODE HERE")
    assert lines[place + 1] == "raise NotImplementedError()"
    assert lines.count("# YOUR CODE HERE") == 1


def test_checks_of_an_exercise_are_locked(exercise) -> None:
    for cell in nbformat.read(exercise.released, as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert cell.metadata["editable"] is False
            assert cell.metadata["deletable"] is False


@pytest.mark.parametrize(
    "step", ["submitted", "autograded", "feedback", "solution", "source_with_tests"]
)
def test_what_nbgrader_keeps_is_in_a_folder_that_git_ignores(root, step) -> None:
    directory = generate.course_config().CourseDirectory[f"{step}_directory"]
    assert directory == f"grading/{step}"
    ignored = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"{directory}/" in ignored
    assert "*.db" in ignored
