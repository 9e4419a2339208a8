"""Checks an exercise from the terminal: `python -m workbench.exercise_check NOTEBOOK`.

Runs a copy of the notebook in memory and says for each task whether its checks pass and, when
one does not, what the check has to say. The file is never changed. What a cell writes to stderr
has no influence.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import io
import json
import logging
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from workbench.kernels import kernel_settings

SECONDS = 60  # how long one cell may run
COURSE = Path(__file__).resolve().parent.parent

ANSI = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"Cell In\[\d+\], line (\d+)")
SYNTAX_PLACE = re.compile(r"\([^()]*, line (\d+)\)$")
HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)

# How explain() says that a place for code is still empty.
NOT_DONE = "this task is not done yet"

# What goes wrong between a check and the app, and says little by itself.
EXCHANGES = {
    "ConnectTimeout": "Your app took too long to answer: does it wait for something?",
    "ConnectionError": "Your app closed the connection before it had answered.",
    "ChunkedEncodingError": "Your app closed the connection in the middle of its answer.",
    "JSONDecodeError": "Your app's answer says that it is JSON, but its body is not.",
}


class BadNotebookError(Exception):
    """The notebook cannot be checked. The message says why and what to do."""


@dataclass(frozen=True)
class Task:
    """One task of an exercise.

    `name` is the grade_id of its solution cell; the others are positions of cells in the
    notebook. `checks` leaves out cells whose checks are kept for grading, `held_back` are those.
    """

    name: str
    title: str
    solutions: tuple[int, ...]
    checks: tuple[int, ...]
    held_back: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """What the checks say of a task: points are those of its checks, `message` is empty if done."""

    task: Task
    points: float
    of: float
    message: str

    @property
    def done(self) -> bool:
        """Tell whether all checks of the task pass."""
        return not self.message


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code.

    0: all checks pass. 1: something is not right yet. 2: the notebook cannot be checked.
    """
    parser = argparse.ArgumentParser(
        prog="python -m workbench.exercise_check",
        description="Check an exercise without opening it. The file is not changed.",
    )
    parser.add_argument("notebook", type=Path, help="the exercise, a file that ends in .ipynb")
    path: Path = parser.parse_args(arguments).notebook
    # A terminal that lacks a character shows a question mark instead of stopping the check.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        notebook = read_notebook(path)
        refuse_changed_checks(notebook, path)
        tasks = find_tasks(notebook, path)
    except BadNotebookError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        return _report(notebook, tasks, path)
    except KeyboardInterrupt:
        print("\nStopped before all tasks were checked.", file=sys.stderr)
    except RuntimeError as error:
        print(
            f"The notebook's Python did not start ({error}). Run: python course.py doctor",
            file=sys.stderr,
        )
    return 1


def read_notebook(path: Path) -> NotebookNode:
    """Read the notebook in file `path`.

    Raises BadNotebookError with a one-line reason when there is no such file or it is no notebook.
    """
    if path.is_dir():
        raise BadNotebookError(f"{path} is a folder: name one of the notebooks in it.")
    if not path.exists():
        raise BadNotebookError(f"There is no file {path}: check the spelling and the folder.")
    if path.suffix != ".ipynb":
        raise BadNotebookError(f"{path} is not a notebook: its name does not end in .ipynb.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadNotebookError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_notebook(data, str(path))


def parse_notebook(data: bytes, name: str) -> NotebookNode:
    """Make a notebook of what stands in the file called `name`.

    Raises BadNotebookError with a one-line reason when it is no notebook.
    """
    try:
        text = data.decode()
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # bad JSON, bad UTF-8, nested without end
        raise BadNotebookError(
            f"{name} is damaged, it is not JSON ({error}): save it again in JupyterLab, "
            "or get it anew."
        ) from error
    if not isinstance(content, dict) or content.get("nbformat") != 4:
        raise BadNotebookError(f"{name} is JSON, but not a Jupyter notebook of format 4.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old notebooks lack ids of cells, which is no harm
            notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
            nbformat.validate(notebook)
    # What nbformat raises for a damaged notebook depends on the damage.
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise BadNotebookError(
            f"{name} is a damaged Jupyter notebook ({reason}): get it anew."
        ) from error
    return notebook


def find_tasks(notebook: NotebookNode, path: Path) -> list[Task]:
    """List the tasks of a notebook in their order. Raises BadNotebookError when it has none."""
    cells = notebook.cells
    names = [
        identifier.removesuffix("_check")
        for identifier in (_identifier(cell) for cell in cells if _is_check(cell))
        if identifier.endswith("_check")
    ]
    tasks = []
    for name in dict.fromkeys(names):
        mine = {name, f"{name}_check", f"{name}_hidden"}
        indices = [index for index, cell in enumerate(cells) if _identifier(cell) in mine]
        checks = [index for index in indices if _is_check(cells[index])]
        held_back = [index for index in checks if not _asserts(cells[index].source)]
        tasks.append(
            Task(
                name=name,
                title=_title(cells, indices[0]) or name,
                solutions=tuple(index for index in indices if index not in checks),
                checks=tuple(index for index in checks if index not in held_back),
                held_back=tuple(held_back),
            )
        )
    if not tasks:
        raise BadNotebookError(
            f"{path} has no tasks to check: name a notebook of the folder exercises."
        )
    return tasks


def refuse_changed_checks(notebook: NotebookNode, path: Path) -> None:
    """Raise BadNotebookError when a check of an exercise was deleted or changed.

    Each check carries the checksum that it was released with. A notebook without any is a worked
    answer, not an exercise, and is let through.
    """
    mine = _graded_cells(notebook)
    if not any("checksum" in _nbgrader(cell) for cell in mine.values()):
        return
    references = _references(path)
    original: dict[str, NotebookNode] = {}
    for reference in references:
        original |= _graded_cells(read_notebook(reference))
    problems = [f"{name}: deleted" for name in original if name not in mine]
    for name, cell in mine.items():
        known = original.get(name, cell)
        expected = _nbgrader(known).get("checksum", _nbgrader(cell).get("checksum"))
        if _is_check(known) and _checksum(cell) != expected:
            problems.append(f"{name}: changed")
    if not problems:
        return
    shown = _shown(path)
    lines = [f"{shown} is not as it was released, so it cannot be checked:"]
    lines += [f"    {problem}" for problem in problems]
    if _is_released_place(path):
        lines.append(f"Copy your answers, get it anew with `git checkout -- {shown}`, and put")
        lines.append("your answers in again.")
    else:
        where = f" ({_shown(references[-1])})" if references else ""
        lines.append(f"Take a new copy of the exercise{where} and put your answers in.")
    raise BadNotebookError("\n".join(lines))


def judge(notebook: NotebookNode, tasks: Sequence[Task], folder: Path) -> Iterator[Verdict]:
    """Run the notebook in `folder` and give a verdict on each task as soon as its cells have run.

    Cells get their outputs in `notebook`. A cell that runs longer than SECONDS, or that ends the
    kernel, costs its own task only: the others run in a new kernel.
    Raises RuntimeError when no kernel can be started.
    """
    waiting = list(tasks)
    troubles: dict[int, str] = {}
    for index, trouble in _run(notebook, folder):
        if trouble:
            troubles[index] = trouble
        while waiting and max(waiting[0].solutions + waiting[0].checks) <= index:
            yield _verdict(notebook, waiting.pop(0), troubles)


def _report(notebook: NotebookNode, tasks: Sequence[Task], path: Path) -> int:
    print(f"{_shown(path)}: {_count(len(tasks), 'task')}\n", flush=True)
    verdicts = []
    for verdict in judge(notebook, tasks, path.resolve().parent):
        verdicts.append(verdict)
        word = "done" if verdict.done else "not yet"
        points = f"{verdict.points:g} of {_count(verdict.of, 'point')}"
        print(f"{verdict.task.title}: {word}, {points}")
        if verdict.message:
            print(textwrap.indent(verdict.message, "    "))
        sys.stdout.flush()
    done = sum(verdict.done for verdict in verdicts)
    earned = sum(verdict.points for verdict in verdicts)
    of = _count(sum(verdict.of for verdict in verdicts), "point")
    print(f"\n{done} of {_count(len(tasks), 'task')} done, {earned:g} of {of}.")
    kept = sum(_points(notebook.cells[index]) for task in tasks for index in task.held_back)
    if kept:
        print(
            f"The checks with other data, which run at grading, give {_count(kept, 'point')} more."
        )
    return 0 if done == len(tasks) else 1


def _run(notebook: NotebookNode, folder: Path) -> Iterator[tuple[int, str]]:
    """Run the code cells in order; yields each position and why the cell did not end, or ""."""
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    # Cells that belong to no task prepare what tasks use: a new kernel needs them again.
    preparing = {index for index in code if not _identifier(notebook.cells[index])}
    silent = logging.Logger("exercise_check")
    silent.addHandler(logging.NullHandler())
    position = 0
    while position < len(code):
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            allow_errors=True,
            kernel_name="python3",
            shutdown_kernel="immediate",
            config=kernel_settings(),
            resources={"metadata": {"path": str(folder)}},
            log=silent,
        )
        # What Python itself has to say, such as a warning at its start, is not for the learner.
        with client.setup_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            for index in code[:position]:
                if index in preparing:
                    _run_cell(client, copy.deepcopy(notebook.cells[index]), index)
            trouble = ""
            while position < len(code) and not trouble:
                index = code[position]
                trouble = _run_cell(client, notebook.cells[index], index)
                position += 1
                if trouble:
                    preparing.discard(index)
                yield index, trouble


def _run_cell(client: NotebookClient, cell: NotebookNode, index: int) -> str:
    try:
        client.execute_cell(cell, index)
    except CellTimeoutError:
        return f"ran longer than {SECONDS} s and was stopped: is there a loop without an end?"
    except DeadKernelError:
        return "ended the Python that runs the notebook (its kernel died)."
    return ""


def _verdict(notebook: NotebookNode, task: Task, troubles: dict[int, str]) -> Verdict:
    cells = notebook.cells
    message, points, of = "", 0.0, 0.0
    for index in task.solutions:
        message = message or _trouble("Your cell", troubles.get(index))
        message = message or _own_error(cells[index])
    for index in task.checks:
        of += _points(cells[index])
        problem = _trouble("The check", troubles.get(index)) or _check_error(cells[index])
        if not problem:
            points += _points(cells[index])
        # The cell's own error comes first: the check can only fail after it.
        message = message or problem
    if points == of:
        message = ""  # a cell of the learner's that stops after the work is done costs nothing
    return Verdict(task, points, of, message)


def _trouble(subject: str, trouble: str | None) -> str:
    return f"{subject} {trouble}" if trouble else ""


def _own_error(cell: NotebookNode) -> str:
    error = _error(cell)
    if error is None:
        return ""
    if error.ename == "NotImplementedError":
        return f"{NOT_DONE[0].upper()}{NOT_DONE[1:]}."
    place = SYNTAX_PLACE.search(error.evalue)
    lines = FRAME.findall(ANSI.sub("", "\n".join(error.traceback)))
    line = place[1] if place else lines[-1] if lines else ""
    where = f" in line {line}" if line else ""
    reason = SYNTAX_PLACE.sub("", error.evalue).strip()
    return f"Your cell stopped{where} with {error.ename}: {reason}"


def _check_error(cell: NotebookNode) -> str:
    error = _error(cell)
    if error is None:
        return ""
    message = ANSI.sub("", error.evalue).strip()
    if NOT_DONE in message:
        return f"{NOT_DONE[0].upper()}{NOT_DONE[1:]}."
    if error.ename in EXCHANGES:
        return EXCHANGES[error.ename]
    if error.ename == "ReadTimeout":
        return message  # the session's own words, which name the request
    # What an assertion says is meant for the learner, and so is what connect() says about the
    # object that it was given.
    if message and (error.ename == "AssertionError" or "connect(" in _failing_line(cell, error)):
        return message
    reason = f"{error.ename}: {message}"
    return f"The answer has not the form that the task asks for: the check stopped with {reason}"


def _failing_line(cell: NotebookNode, error: NotebookNode) -> str:
    """Give the line of a cell in which an error arose."""
    frames = FRAME.findall(ANSI.sub("", "\n".join(error.traceback)))
    lines = cell.source.splitlines()
    number = int(frames[0]) if frames else 0
    return str(lines[number - 1]) if 1 <= number <= len(lines) else ""


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)


def _asserts(source: str) -> bool:
    """Tell whether a check cell checks anything: hidden checks are empty until grading."""
    try:
        return any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))
    except SyntaxError:
        return True


def _nbgrader(cell: NotebookNode) -> dict[str, Any]:
    data = cell.metadata.get("nbgrader")
    return data if isinstance(data, dict) else {}


def _identifier(cell: NotebookNode) -> str:
    return str(_nbgrader(cell).get("grade_id", ""))


def _is_check(cell: NotebookNode) -> bool:
    data = _nbgrader(cell)
    return cell.cell_type == "code" and bool(data.get("grade")) and not data.get("solution")


def _points(cell: NotebookNode) -> float:
    points = _nbgrader(cell).get("points", 0)
    return float(points) if isinstance(points, int | float) else 0.0


def _title(cells: Sequence[NotebookNode], index: int) -> str:
    """Give the nearest heading above a cell."""
    for cell in reversed(cells[:index]):
        headings = HEADING.findall(cell.source) if cell.cell_type == "markdown" else []
        if headings:
            return str(headings[-1])
    return ""


def _checksum(cell: NotebookNode) -> str:
    """Compute a check's checksum as nbgrader does when it releases an exercise."""
    data = _nbgrader(cell)
    parts = [
        cell.source,
        cell.cell_type,
        str(data.get("grade", False)),
        str(data.get("solution", False)),
        "True",  # locked, as every check is
        str(data.get("grade_id")),
        str(_points(cell)),
    ]
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _references(path: Path) -> list[Path]:
    """List the course's notebooks that know which cells `path` must have.

    The worked answer comes first, then the released exercise, unless it is `path` itself.
    """
    section = path.resolve().parent.name
    if not (COURSE / "exercises" / section / path.name).is_file():
        found = list((COURSE / "exercises").glob(f"*/{path.name}"))
        if len(found) != 1:
            return []
        section = found[0].parent.name
    folders = ["solutions"] if _is_released_place(path) else ["solutions", "exercises"]
    notebooks = [COURSE / folder / section / path.name for folder in folders]
    return [notebook for notebook in notebooks if notebook.is_file()]


def _is_released_place(path: Path) -> bool:
    return (COURSE / "exercises") in path.resolve().parents


def _graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {_identifier(cell): cell for cell in notebook.cells if _identifier(cell)}


def _shown(path: Path) -> str:
    """Show a path as short as it is within the course."""
    path = path.resolve()
    return path.relative_to(COURSE).as_posix() if COURSE in path.parents else str(path)


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}" if number == 1 else f"{number:g} {noun}s"


if __name__ == "__main__":
    sys.exit(main())
