"""Grades what one learner handed in.

It knows no gradebook: what it needs comes with the job, what it found goes back. So it runs in any
process on any machine.
"""

import logging
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, LimitOutput  # type: ignore[import-untyped]
from nbgrader.utils import compute_checksum, determine_grade  # type: ignore[import-untyped]

from grading.examiner import ExaminerError
from grading.execute import ExaminedExecute
from grading.precheck import UnusableError, put_in_order
from grading.release import Release, ReleasedNotebook
from grading.sandbox import SandboxError
from grading.zygote import warm_up
from workbench.kernels import kernel_settings

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Settings:
    """How long what may run.

    Attributes:
        seconds: for a cell.
        budget: seconds for a whole notebook.
        sandboxed: whether learners' code is kept apart. If not, it runs with the rights of whoever
            grades, and beside the checks.
    """

    seconds: int = 60
    budget: int = 300
    sandboxed: bool = True


@dataclass(frozen=True)
class Job:
    """What is to be graded.

    Attributes:
        learner: the key of the learner.
        files: what was handed in, by relative path.
        release: the section.
        settings: how long what may run.
    """

    learner: str
    files: Mapping[str, bytes]
    release: Release
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class Graded:
    """What became of one notebook.

    Attributes:
        name: of the notebook.
        problem: why it was not graded; empty when it was.
        missing: whether it was not handed in.
        notes: what had to be put in order before it ran.
        points: of each cell that gives points; None for one that waits for a mark by hand.
        comments: what nbgrader says of each answer: "No response." or nothing.
        messages: of each check that failed, what it says; of each answer that ended in an error,
            which one.
        executed: the notebook with its outputs, as JSON.
    """

    name: str
    problem: str = ""
    missing: bool = False
    notes: tuple[str, ...] = ()
    points: Mapping[str, float | None] = field(default_factory=dict)
    comments: Mapping[str, str | None] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    executed: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        learner: the key of the learner.
        notebooks: one for each of the section's.
    """

    learner: str
    notebooks: tuple[Graded, ...]

    @property
    def problems(self) -> list[str]:
        """Why something of it was not graded."""
        return [graded.problem for graded in self.notebooks if graded.problem]


def grade(job: Job) -> Outcome:
    """Grade what one learner handed in.

    Whatever it is, there is an outcome; a fault of the machine's is told as a problem.
    """
    found = []
    if job.settings.sandboxed:
        warm_up(job.release.packages)
    for released in job.release.notebooks:
        data = job.files.get(f"{released.name}.ipynb")
        if data is None:
            points = {cell.name: 0.0 for cell in released.cells if "points" in cell.metadata}
            found.append(Graded(released.name, missing=True, points=points))
            continue
        try:
            found.append(_grade(data, released, job))
        except (UnusableError, SandboxError, ExaminerError) as error:
            found.append(_ungraded(released, str(error)))
        # A stranger's notebook may bring up a fault in any library. It costs itself alone.
        except Exception as error:
            logging.getLogger(__name__).exception("%s of %s", released.name, job.learner)
            problem = f"{released.name}.ipynb brought the grader down: {type(error).__name__}: "
            found.append(_ungraded(released, problem + str(error)[:300]))
    return Outcome(job.learner, tuple(found))


def failed(job: Job, problem: str) -> Outcome:
    """Return the outcome of a job that nobody could carry out."""
    found = [_ungraded(released, problem) for released in job.release.notebooks]
    return Outcome(job.learner, tuple(found))


def _ungraded(released: ReleasedNotebook, problem: str) -> Graded:
    # No points, which is another thing than none: somebody has to look at it.
    points = {cell.name: None for cell in released.cells if "points" in cell.metadata}
    return Graded(released.name, problem=problem, points=points)


def _grade(data: bytes, released: ReleasedNotebook, job: Job) -> Graded:
    notebook, notes = put_in_order(data, released)
    beside = {name: data for name, data in job.files.items() if not name.endswith(".ipynb")}
    beside |= job.release.files
    settings = job.settings
    if settings.sandboxed:
        execute = ExaminedExecute(timeout=settings.seconds, budget=settings.budget)
        execute.examine(notebook, released.checks, beside)
    else:
        _run_open(notebook, beside, settings.seconds)
    notebook, _ = LimitOutput(max_lines=1_000, max_traceback=100).preprocess(notebook, {})
    return _scored(notebook, released, notes)


def _run_open(notebook: NotebookNode, beside: Mapping[str, bytes], seconds: int) -> None:
    """Run a notebook as nbgrader does: in a kernel, with the rights of whoever grades."""
    with tempfile.TemporaryDirectory(prefix="trusted-", ignore_cleanup_errors=True) as folder:
        for name, data in beside.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        execute = Execute(timeout=seconds, config=kernel_settings())
        execute.preprocess(notebook, {"metadata": {"path": folder}})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # Points are lost by what a check says, and not by a warning beside it.
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


def _scored(notebook: NotebookNode, released: ReleasedNotebook, notes: list[str]) -> Graded:
    points: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    messages: dict[str, str] = {}
    for cell in notebook.cells:
        metadata = cell.metadata.get("nbgrader", {})
        name = metadata.get("grade_id")
        if metadata.get("grade"):
            points[name], _ = determine_grade(cell)
        elif metadata.get("task"):
            points[name] = None
        if metadata.get("solution") or metadata.get("task"):
            same = metadata.checksum == compute_checksum(cell) and not metadata.get("task")
            comments[name] = "No response." if same else None
        if name and (said := _message(cell)):
            messages[name] = said
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return Graded(
        released.name,
        notes=tuple(notes),
        points=points,
        comments=comments,
        messages=messages,
        executed=text,
    )


def _message(cell: NotebookNode) -> str:
    """Return what a check that failed says."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            text = ANSI.sub("", output.evalue).strip()
            if output.ename in ("AssertionError", "NotRun", "TimeUp"):
                return text or "A check failed without a word."
            return f"{output.ename}: {text}"
    return ""
