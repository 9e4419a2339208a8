"""What was released: the tasks of a section as the gradebook has them, to be sent to workers."""

import ast
import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook  # type: ignore[import-untyped]

from grading.errors import CannotGradeError
from workbench.exercise_check import HEADING, BadNotebookError, find_tasks

# What nbgrader takes out of a cell before learners get it.
HELD_BACK = re.compile(
    r"^[^\n]*### BEGIN (HIDDEN TESTS|MARK SCHEME).*?### END \1[^\n]*\n?", re.MULTILINE | re.DOTALL
)


class ReleaseError(CannotGradeError):
    """A section cannot be graded as it stands. The message says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell with an identity: an answer, a check, or a text that learners may not change.

    Attributes:
        name: its grade_id.
        kind: "code" or "markdown".
        source: what it held when it was released; of a check, hidden parts included.
        metadata: what nbgrader keeps in it.
    """

    name: str
    kind: str
    source: str
    metadata: Mapping[str, Any]

    @property
    def is_check(self) -> bool:
        """Whether it is a check that gives points by itself."""
        return self.kind == "code" and self.metadata["grade"] and not self.metadata["solution"]

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes into it; to a task without a place, into new cells below it."""
        return bool(self.metadata["solution"])

    @property
    def points(self) -> float:
        """How many points it gives at most."""
        return float(self.metadata.get("points", 0))


@dataclass(frozen=True)
class Task:
    """What a learner sees as one task.

    Attributes:
        name: of its answer.
        title: the heading above it.
        cells: the names of the cells that give its points.
    """

    name: str
    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ReleasedNotebook:
    """One notebook of a section.

    Attributes:
        name: without its ending.
        title: its first heading.
        tasks: what learners see as its tasks.
        cells: those with an identity, in their order.
        metadata: of the notebook, its kernel for example.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any]

    @property
    def checks(self) -> dict[str, str]:
        """The sources of its checks, by name."""
        return {cell.name: cell.source for cell in self.cells if cell.is_check}

    @property
    def points(self) -> float:
        """How many points it gives at most."""
        return sum(cell.points for cell in self.cells)


@dataclass(frozen=True)
class Release:
    """A section as it was released.

    Attributes:
        section: for example "02_advantages".
        notebooks: in the order of their names.
        files: what lies beside them, by relative path.
        packages: what the cells of its notebooks import.
    """

    section: str
    notebooks: tuple[ReleasedNotebook, ...]
    files: Mapping[str, bytes]
    packages: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """A text that changes whenever a task, a check or a file does."""
        told = [asdict(notebook) for notebook in self.notebooks]
        found = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        found.update(digest(self.files).encode())
        return found.hexdigest()

    @property
    def points(self) -> float:
        """How many points it gives at most."""
        return sum(notebook.points for notebook in self.notebooks)


def digest(files: Mapping[str, bytes]) -> str:
    """Return a text that changes whenever a file or its name does."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(errors="surrogatepass"), data):
            found.update(f"{len(part)} ".encode() + part)
    return found.hexdigest()


def section_files(course: Path, section: str) -> dict[str, bytes]:
    """Return all files of a section's worked answers, notebooks included, by relative path.

    Raises:
        ReleaseError: there is no such section, or no notebook in it.
    """
    folder = course / "solutions" / section
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    }
    if not section or not any(name.endswith(".ipynb") and "/" not in name for name in found):
        known = sorted({path.parent.name for path in (course / "solutions").glob("*/*.ipynb")})
        raise ReleaseError(f"There is no section {section!r}. The sections: {', '.join(known)}.")
    return found


def read_release(gradebook: Gradebook, section: str, files: Mapping[str, bytes]) -> Release:
    """Return a section as the gradebook has it.

    Args:
        gradebook: nbgrader's, with the assignment in it.
        section: the assignment.
        files: what `section_files` gives.
    """
    notebooks = []
    for name in sorted(name for name in files if name.endswith(".ipynb") and "/" not in name):
        solved = nbformat.reads(files[name].decode(), as_version=4)  # type: ignore[no-untyped-call]
        stored = gradebook.find_notebook(name.removesuffix(".ipynb"), section)
        cells = tuple(_cells(stored, solved.cells))
        notebooks.append(
            ReleasedNotebook(
                stored.name,
                _title(solved.cells) or stored.name,
                tuple(_tasks(solved, cells)),
                cells,
                {"kernelspec": json.loads(stored.kernelspec or "{}")},
            )
        )
    beside = {name: data for name, data in files.items() if not name.endswith(".ipynb")}
    return Release(section, tuple(notebooks), beside, packages_in(files))


def _cells(stored: Any, solved: Iterable[Any]) -> Iterable[Cell]:
    sources = {cell.name: cell for cell in stored.source_cells}
    points = {cell.name: cell.max_score for cell in (*stored.grade_cells, *stored.task_cells)}
    kinds = {
        "grade": {cell.name for cell in stored.grade_cells},
        "solution": {cell.name for cell in stored.solution_cells},
        "task": {cell.name for cell in stored.task_cells},
    }
    for cell in solved:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name not in sources:
            continue
        source = sources[name]
        metadata = {
            "grade_id": name,
            "locked": source.locked,
            "schema_version": 3,
            "cell_type": source.cell_type,
            "checksum": source.checksum,
            **{kind: name in names for kind, names in kinds.items()},
        }
        if name in points:
            metadata["points"] = points[name]
        yield Cell(name, source.cell_type, source.source, metadata)


def _tasks(solved: Any, cells: Sequence[Cell]) -> Iterable[Task]:
    left = [cell.name for cell in cells if "points" in cell.metadata]
    places = {name: place for place, name in enumerate(left)}
    found = []
    with contextlib.suppress(BadNotebookError):  # one without checks
        for task in find_tasks(solved, Path("solutions")):
            mine = {task.name, f"{task.name}_check", f"{task.name}_hidden"}
            names = tuple(name for name in left if name in mine)
            left = [name for name in left if name not in names]
            found.append(Task(task.name, task.title, names))
    headings = _headings(solved.cells)
    found += [Task(name, headings.get(name, name.replace("_", " ")), (name,)) for name in left]
    return sorted(found, key=lambda task: places[task.cells[0]] if task.cells else len(places))


def _headings(cells: Iterable[Any]) -> dict[str, str]:
    """Return, for each cell with an identity, the heading in it or above it."""
    found, heading = {}, ""
    for cell in cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        # What a worked answer has for a heading is no heading of the course's.
        if cell.cell_type == "markdown" and not nbgrader.get("solution"):
            heading = [heading, *HEADING.findall(HELD_BACK.sub("", cell.source))][-1]
        if heading and nbgrader.get("grade_id"):
            found[nbgrader["grade_id"]] = heading
    return found


def _title(cells: Iterable[Any]) -> str:
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0][2:].strip())
    return ""


def packages_in(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return what the cells of a section's notebooks import; `files` are those of the section."""
    sources = [
        "".join(cell["source"])
        for name, data in files.items()
        if name.endswith(".ipynb")
        for cell in json.loads(data)["cells"]
        if cell["cell_type"] == "code"
    ]
    found = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):  # a magic, or an error on purpose
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return tuple(sorted(found))
