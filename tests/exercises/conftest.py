"""Exercises, their tasks, the answers kept beside the tests, and what nbgrader makes of them.

`answers/<section>/<notebook>/<task>/` holds wrong_*.py and right_*.py, each the whole text of a
solution cell. Tasks are independent of each other, so one submission holds an answer to each of
them: the submission `answer_2` has the third kept answer of every task.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grading.sandbox import why_not

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = Path(__file__).parent / "answers"
CONNECT = re.compile(r'^http = connect\("(\w+)"\)')

Scores = dict[str, dict[str, dict[str, float]]]  # by exercise, submission and check

UNTOUCHED = "untouched"
NOISY = "worked_and_noisy"

# Put below a worked answer, it writes to stderr in every way: when its cell runs, at the end of
# every cell that follows, the checks included, and in the app's server at each request.
NOISE = """
import functools, logging, os, sys, warnings


def make_noise(*_):
    print("printed to stderr", file=sys.stderr)
    logging.getLogger("mixtape").error("logged")
    warnings.warn("a warning about something old", DeprecationWarning)
    os.write(2, b"written past Python\\n")


def noisy(app):
    @functools.wraps(app, updated=())
    def noisy_app(*request):
        make_noise()
        return app(*request)

    return noisy_app


make_noise()
get_ipython().events.register("post_run_cell", make_noise)
{app} = noisy({app})
"""


@dataclass(frozen=True)
class Task:
    """One task: its cells are those of the solution notebook, hidden checks included."""

    exercise: Exercise
    name: str

    def __str__(self) -> str:
        return f"{self.exercise}/{self.name}"

    @property
    def solution(self) -> NotebookNode:
        return self.exercise.cells[self.name]

    @property
    def checks(self) -> list[NotebookNode]:
        return [self.exercise.cells[f"{self.name}_{part}"] for part in ("check", "hidden")]

    @property
    def app(self) -> str:
        """The name of the object that the checks connect to."""
        match = CONNECT.match(self.checks[0].source)
        assert match, f"{self}: the check does not begin with http = connect(…)"
        return match[1]

    @property
    def points(self) -> float:
        return sum(cell.metadata.nbgrader.points for cell in self.checks)

    @cached_property
    def answers(self) -> list[Path]:
        """The kept answers, right and wrong."""
        return sorted((ANSWERS / str(self)).glob("*.py"))


@dataclass(frozen=True)
class Exercise:
    """An exercise, named by its section and its notebook."""

    section: str
    notebook: str

    def __str__(self) -> str:
        return f"{self.section}/{self.notebook}"

    @property
    def released(self) -> Path:
        return ROOT / "exercises" / self.section / f"{self.notebook}.ipynb"

    @property
    def solved(self) -> Path:
        return ROOT / "solutions" / self.section / f"{self.notebook}.ipynb"

    @cached_property
    def cells(self) -> dict[str, NotebookNode]:
        """The graded cells of the solution notebook by their grade_id."""
        notebook = nbformat.read(self.solved, as_version=4)
        graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
        return {cell.metadata.nbgrader.grade_id: cell for cell in graded}

    @cached_property
    def tasks(self) -> list[Task]:
        solutions = [name for name, cell in self.cells.items() if cell.metadata.nbgrader.solution]
        return [Task(self, name) for name in solutions]

    @property
    def worked(self) -> dict[str, str]:
        """The worked answers by the name of their task."""
        return {task.name: task.solution.source for task in self.tasks}

    def answered(self, answers: dict[str, str]) -> NotebookNode:
        """The released exercise with these texts in the solution cells of these tasks."""
        notebook = nbformat.read(self.released, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        return notebook

    def submissions(self) -> dict[str, NotebookNode]:
        """What is handed in, by the name of the submission."""
        worked = self.worked
        noisy = {task.name: worked[task.name] + NOISE.format(app=task.app) for task in self.tasks}
        handed_in = {UNTOUCHED: {}, NOISY: noisy}
        for number in range(max(len(task.answers) for task in self.tasks)):
            handed_in[f"answer_{number}"] = worked | {
                task.name: task.answers[number].read_text(encoding="utf-8")
                for task in self.tasks
                if number < len(task.answers)
            }
        return {name: self.answered(answers) for name, answers in handed_in.items()}


EXERCISES = [
    Exercise(path.parent.name, path.stem) for path in sorted((ROOT / "solutions").glob("*/*.ipynb"))
]
TASKS = [task for exercise in EXERCISES for task in exercise.tasks]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with one of these arguments runs for every exercise, task, or kept answer."""
    for name, values in (("exercise", EXERCISES), ("task", TASKS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values, ids=str)
    for kind in ("wrong", "right"):
        if f"{kind}_answer" in metafunc.fixturenames:
            kept = [
                pytest.param((task, number), id=f"{task}/{path.stem}")
                for task in TASKS
                for number, path in enumerate(task.answers)
                if path.stem.startswith(kind)
            ]
            metafunc.parametrize(f"{kind}_answer", kept)


@pytest.fixture(scope="session")
def exercises() -> list[Exercise]:
    return EXERCISES


@pytest.fixture
def wsgi() -> Exercise:
    """The exercise without a framework, whose cells run quickly."""
    return Exercise("01_role", "01_what_a_backend_does")


@pytest.fixture
def flask() -> Exercise:
    return Exercise("02_advantages", "01_flask")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course's solutions and exercises, to be broken."""
    for folder in ("solutions", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the many kernels share compiled modules where the environment forbids to write them."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        yield


@dataclass(frozen=True)
class Grader:
    """A process that grades one section in a course folder of its own."""

    process: subprocess.Popen[str]
    section: str
    course: Path

    def scores(self) -> Scores:
        _, errors = self.process.communicate(timeout=600)
        assert self.process.returncode == 0, errors
        found: Scores = {}
        path = self.course / "grading" / "gradebook.db"
        with Gradebook(f"sqlite:///{path}", "is-python-good-for-backend") as gradebook:
            for submission in gradebook.assignment_submissions(self.section):
                for notebook in submission.notebooks:
                    of_exercise = found.setdefault(f"{self.section}/{notebook.name}", {})
                    of_exercise[submission.student.id] = {
                        grade.name: grade.auto_score for grade in notebook.grades
                    }
        return found


def start_grader(section: str, course: Path) -> Grader:
    """Hand in every submission of a section in the folder `course`, and begin to grade it."""
    shutil.copytree(ROOT / "solutions" / section, course / "solutions" / section)
    handed_in = course / "handed-in"
    for exercise in EXERCISES:
        if exercise.section == section and exercise.released.exists():
            for name, notebook in exercise.submissions().items():
                (handed_in / name).mkdir(parents=True, exist_ok=True)
                nbformat.write(notebook, handed_in / name / f"{exercise.notebook}.ipynb")
    command = [sys.executable, "-m", "grading.grade", section, "--course", str(course)]
    command += ["--submissions", str(handed_in), "--workers", "1"]
    if why_not():  # the answers are ours
        command.append("--run-learners-code-with-my-rights")
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    return Grader(process, section, course)


@pytest.fixture(scope="session", autouse=True)
def graders(
    request: pytest.FixtureRequest, compiled_once: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Grader]]:
    """One grader a section. They begin with the first test, if any test asks for scores."""
    wanted = any("scores" in getattr(item, "fixturenames", ()) for item in request.session.items)
    sections = sorted({exercise.section for exercise in EXERCISES}) if wanted else []
    running = [start_grader(section, tmp_path_factory.mktemp(section)) for section in sections]
    yield running
    for grader in running:
        grader.process.kill()


@pytest.fixture(scope="session")
def scores(graders: list[Grader]) -> Scores:
    """What grading gave, check by check."""
    found: Scores = {}
    for grader in graders:
        found |= grader.scores()
    return found


@pytest.fixture(scope="session")
def points_of(scores: Scores) -> Callable[[Task, str], float]:
    """The points of a task in a submission."""

    def points(task: Task, submission: str) -> float:
        given = scores[str(task.exercise)][submission]
        return given[f"{task.name}_check"] + given[f"{task.name}_hidden"]

    return points
