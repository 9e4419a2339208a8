"""A task that only somebody can mark waits for the mark, shows it, and keeps it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from grading.generate import generate

ROOT = Path(__file__).resolve().parents[2]
SECTION, NOTEBOOK = "01_words", "words"
LEARNER = "Ada Lovelace"
WORDS = "Because a socket carries bytes."
COMMENT = "Right. <b>Which</b> encoding?"

APP = """def greeting_app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""
CHECK = """http = connect("greeting_app")
response = http.get("/")
assert response.text == "hello", explain(response, "hello", "Look at the body.")
"""
DRAW = """## Task 3 · Draw the way of a request

### BEGIN MARK SCHEME
Two points for the server, two for the app.
### END MARK SCHEME"""


def course_cell(kind: Callable[[str], Any], source: str, name: str, **nbgrader: Any) -> Any:
    cell = kind(source)
    roles = {"grade": False, "solution": False, "task": False, "locked": False}
    cell.metadata["nbgrader"] = {"grade_id": name, "schema_version": 3} | roles | nbgrader
    return cell


def solution() -> Any:
    head, _, body = APP.partition("\n")
    answer = f"{head}\n    ### BEGIN SOLUTION\n{body.rstrip()}\n    ### END SOLUTION"
    words = f"### BEGIN SOLUTION\n{WORDS}\n### END SOLUTION"
    check = {"grade": True, "locked": True, "points": 2}
    by_hand = {"grade": True, "solution": True, "points": 3}
    task = {"task": True, "locked": True, "points": 4}
    cells = [
        new_markdown_cell("# Words"),
        new_code_cell("from workbench import connect, explain"),
        new_markdown_cell("## Task 1 · Say hello"),
        course_cell(new_code_cell, answer, "greeting", solution=True),
        course_cell(new_code_cell, CHECK, "greeting_check", **check),
        new_markdown_cell("## Task 2 · Say why it wants bytes"),
        course_cell(new_markdown_cell, words, "why", **by_hand),
        course_cell(new_markdown_cell, DRAW, "draw", **task),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


class Course:
    """A course of one section, with what one learner handed in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = folder / "grading"

    def make(self) -> None:
        """Write the course into its folder."""
        folder = self.folder
        solved = folder / "solutions" / SECTION / f"{NOTEBOOK}.ipynb"
        solved.parent.mkdir(parents=True)
        nbformat.write(solution(), solved)
        generate(folder, folder / "exercises")
        self.hand_in({"greeting": APP, "why": WORDS})

    @property
    def exercise(self) -> Any:
        path = self.folder / "exercises" / SECTION / f"{NOTEBOOK}.ipynb"
        return nbformat.read(path, as_version=4)

    def hand_in(self, answers: dict[str, str]) -> None:
        notebook = self.exercise
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        notebook.cells.append(new_markdown_cell("client, server, app"))
        path = self.folder / "handed-in" / LEARNER / f"{NOTEBOOK}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def grade(self, *options: str) -> str:
        """Grade what was handed in; returns what the command prints."""
        return self.run("--submissions", str(self.folder / "handed-in"), *options)

    def run(self, *options: str) -> str:
        command = [
            sys.executable,
            "-m",
            "grading.grade",
            SECTION,
            "--course",
            str(self.folder),
            "--workers",
            "1",
        ]
        done = subprocess.run(
            [*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def nbgrader(self, *arguments: str) -> None:
        """Run nbgrader in the folder that the page for instructors names."""
        settings = self.desk / "nbgrader_config.py"
        shutil.copy(ROOT / "grading" / settings.name, settings)
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.desk,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def mark(
        self, points: dict[str, float], comments: dict[str, str], learner: str = LEARNER
    ) -> None:
        """Do what the formgrader does when somebody marks."""
        url = f"sqlite:///{(self.desk / 'gradebook.db').as_posix()}"
        with Gradebook(url, "is-python-good-for-backend") as gradebook:
            for name, given in points.items():
                grade = gradebook.find_grade(name, NOTEBOOK, SECTION, learner)
                grade.manual_score, grade.needs_manual_grade = given, False
            for name, text in comments.items():
                comment = gradebook.find_comment(name, NOTEBOOK, SECTION, learner)
                comment.manual_comment = text
            gradebook.db.commit()

    @property
    def points(self) -> str:
        """What stands in grades.csv."""
        text = (self.desk / "results" / SECTION / "grades.csv").read_text("utf-8")
        return text.splitlines()[1].rsplit(",", 1)[1]

    @property
    def page(self) -> str:
        path = self.desk / "feedback" / LEARNER / SECTION / "index.html"
        return path.read_text("utf-8")


@pytest.fixture(scope="module")
def made(sandbox_works: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "course"
    Course(folder).make()
    return folder


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Course:
    return Course(shutil.copytree(made, tmp_path / "course"))


def test_a_mark_by_hand(course: Course) -> None:
    # It waits, and is no zero.
    printed = course.grade()
    assert "2 to mark by hand" in printed
    assert "0 graded, 1 waiting for a mark by hand, 0 not graded." in printed
    assert course.points == ""
    assert "2 tasks wait for a mark by hand" in course.page
    assert "Task 3 · Draw the way of a request" in course.page
    # Whoever marks sees the scheme, which no learner has got.
    marked = course.desk / "autograded" / LEARNER / SECTION / f"{NOTEBOOK}.ipynb"
    scheme = "Two points for the server"
    assert scheme in marked.read_text("utf-8")
    assert not any(scheme in cell.source for cell in course.exercise.cells)

    # One of two marks is not all.
    course.mark({"why": 2.5}, {"why": COMMENT})
    assert "1 to mark by hand" in course.run()
    assert course.points == ""

    course.mark({"draw": 4}, {})
    assert "1 graded, 0 waiting" in course.run()
    assert course.points == "8.5"
    assert "2.5 of 3" in course.page
    assert "Right. &lt;b&gt;Which&lt;/b&gt; encoding?" in course.page

    # Graded again, the same work keeps its marks, whatever else is graded anew.
    for options in ([], ["--again"]):
        course.grade(*options)
        assert course.points == "8.5"
        assert "encoding?" in course.page

    # nbgrader's own commands go on from there.
    course.nbgrader("generate_feedback", SECTION, "--force")
    page = course.desk / "feedback" / LEARNER / SECTION / f"{NOTEBOOK}.html"
    assert "encoding?" in page.read_text("utf-8")
    course.nbgrader("export")
    exported = (course.desk / "grades.csv").read_text("utf-8")
    assert "8.5" in exported.splitlines()[1].split(",")
    course.run()
    assert "encoding?" in course.page
    assert page.exists()


def test_other_work_is_looked_at_again(course: Course) -> None:
    course.grade()
    course.mark({"why": 3, "draw": 4}, {})
    course.run()
    assert course.points == "9"
    course.hand_in({"greeting": APP, "why": "I do not know."})
    assert "2 to mark by hand" in course.grade()
    assert course.points == ""


def test_an_answer_that_was_not_touched_needs_no_mark(course: Course) -> None:
    course.hand_in({"greeting": APP})
    assert "1 to mark by hand" in course.grade()
    assert "0 of 3" in course.page
    assert "No response." in course.page


def test_a_learner_who_was_removed_with_nbgrader_is_gone(course: Course) -> None:
    course.grade()
    url = f"sqlite:///{(course.desk / 'gradebook.db').as_posix()}"
    with Gradebook(url, "is-python-good-for-backend") as gradebook:
        gradebook.remove_student(LEARNER)
    # Handed in again, the same work is graded again.
    assert LEARNER in course.grade()


def test_lateness_costs_a_part_of_what_is_given_by_hand_too(course: Course) -> None:
    work = course.folder / "handed-in" / LEARNER
    late = course.folder / "handed-in" / f"lovelaceada_LATE_77_88_{NOTEBOOK}.ipynb"
    (work / f"{NOTEBOOK}.ipynb").rename(late)
    work.rmdir()
    assert "0.2 points off" in course.grade("--late-penalty", "10")
    course.mark({"why": 3, "draw": 4}, {}, learner="lovelaceada_77")
    assert "0.9 points off" in course.run()
    assert course.points == "8.1"
