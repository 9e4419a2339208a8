"""Puts a submitted notebook in order before any of it runs.

What a learner may not change comes from the release again: checks, texts, the metadata by which
nbgrader knows a cell, the kernel. What was changed there is noted, and costs nothing by itself.
"""

import json
from collections import Counter
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.release import HELD_BACK, Cell, ReleasedNotebook
from workbench.exercise_check import BadNotebookError, parse_notebook

MAX_BYTES = 10_000_000  # of a notebook
MAX_CELLS = 1_000


class UnusableError(Exception):
    """A notebook cannot be graded. The message says why and what to do."""


def put_in_order(data: bytes, released: ReleasedNotebook) -> tuple[NotebookNode, list[str]]:
    """Return a submitted notebook as it will run, and what had to be put in order.

    Args:
        data: what the file holds.
        released: the notebook as it was released.

    Raises:
        UnusableError: it is no notebook, or too large.
    """
    name = f"{released.name}.ipynb"
    notebook = _read(data, name)
    notes: list[str] = []
    cells = notebook.cells
    known = {cell.name: cell for cell in released.cells}
    copies = Counter(_name(cell) for cell in cells)
    for place, cell in reversed(list(enumerate(cells))):
        grade_id = _name(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
        cell.metadata = from_dict({})  # type: ignore[no-untyped-call]
        if grade_id is None:
            continue
        if grade_id not in known:
            notes.append(f"{name}: a cell claims to be {_short(grade_id)!r}, which is no task.")
        elif copies[grade_id] > 1:
            # The last one counts; of a check the others are left out, of an answer they run.
            copies[grade_id] = -copies[grade_id]
            notes.append(
                f"{name}: there were {-copies[grade_id]} cells {grade_id!r}; the last counts."
            )
            cells[place] = _restored(cell, known[grade_id], notes, name)
        elif copies[grade_id] == 1:
            cells[place] = _restored(cell, known[grade_id], notes, name)
        elif not known[grade_id].is_answer:
            del cells[place]
    _put_back(cells, released, notes)
    notebook.metadata = from_dict(dict(released.metadata))  # type: ignore[no-untyped-call]
    return notebook, notes


def _read(data: bytes, name: str) -> NotebookNode:
    if len(data) > MAX_BYTES:
        raise UnusableError(
            f"{name} is larger than {MAX_BYTES:,} bytes: clear its outputs, and save it again."
        )
    try:
        if len(json.loads(data).get("cells", ())) > MAX_CELLS:
            raise UnusableError(f"{name} has more than {MAX_CELLS:,} cells.")
    except (ValueError, RecursionError, AttributeError, TypeError):
        pass  # what is wrong with it, the next line says
    try:
        return parse_notebook(data, name)
    except BadNotebookError as error:
        raise UnusableError(str(error)) from None


def _name(cell: NotebookNode) -> str | None:
    nbgrader = cell.metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) and name else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _restored(cell: NotebookNode, known: Cell, notes: list[str], name: str) -> NotebookNode:
    """Return a cell with what is the course's in it as it was released."""
    source = cell.source
    if not known.is_answer:
        visible = HELD_BACK.sub("", known.source).strip()
        if source.strip() != known.source.strip() and source.strip() != visible:
            notes.append(f"{name}: {known.name!r} was changed; it ran as it was released.")
        source = known.source
    elif cell.cell_type != known.kind:
        notes.append(f"{name}: {known.name!r} was no {known.kind} cell; it was taken as one.")
    return _made(known, source)


def _made(known: Cell, source: str) -> NotebookNode:
    make: Any = new_code_cell if known.kind == "code" else new_markdown_cell
    made: NotebookNode = make(source)
    made.metadata["nbgrader"] = from_dict(dict(known.metadata))  # type: ignore[no-untyped-call]
    return made


def _put_back(cells: list[NotebookNode], released: ReleasedNotebook, notes: list[str]) -> None:
    """Put back what was deleted, and checks that stand before what they check."""
    name = f"{released.name}.ipynb"
    before = -1  # the place of the cell that comes first
    for known in released.cells:
        places = [place for place, cell in enumerate(cells) if _name(cell) == known.name]
        if not places:
            notes.append(f"{name}: {known.name!r} was deleted, and put back as it was released.")
            cells.insert(before + 1, _made(known, known.source))
            before += 1
        elif places[0] < before and not known.is_answer:
            notes.append(f"{name}: {known.name!r} stood before its task; it ran behind it.")
            cells.insert(before, cells.pop(places[0]))
        else:
            before = max(before, places[0])
