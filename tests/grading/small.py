"""A small course with one exercise of two tasks, and submissions to it. It grades in a second."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.generate import generate

ROOT = Path(__file__).resolve().parents[2]
SECTION, NOTEBOOK = "01_small", "apps"
PREPARE = """import json
from urllib.parse import parse_qs

from workbench import connect, explain
"""

GREETING = """def greeting_app(environ, start_response):
    name = parse_qs(environ["QUERY_STRING"])["name"][0]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"Hello, {name}!".encode()]
"""
ADDING = """def adding_app(environ, start_response):
    numbers = parse_qs(environ["QUERY_STRING"])["n"]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"sum": sum(map(int, numbers))}).encode()]
"""
RIGHT = {"greeting": GREETING, "adding": ADDING}
CHECKS = {
    "greeting": (
        'http = connect("greeting_app")\n'
        'response = http.get("/", params={"name": "Ada"})\n'
        'assert response.text == "Hello, Ada!", explain(response, "Hello, Ada!", "The query.")\n',
        'http = connect("greeting_app")\n'
        "### BEGIN HIDDEN TESTS\n"
        'response = http.get("/", params={"name": "Grace"})\n'
        'assert response.text == "Hello, Grace!", explain(response, "Hello, Grace!", "Any name.")\n'
        "### END HIDDEN TESTS\n",
    ),
    "adding": (
        'http = connect("adding_app")\n'
        'response = http.get("/", params={"n": [1, 2]})\n'
        'assert response.json() == {"sum": 3}, explain(response, "the sum 3", "All of n.")\n',
        'http = connect("adding_app")\n'
        "### BEGIN HIDDEN TESTS\n"
        "import random\n"
        "numbers = random.Random(7).sample(range(1000), 5)\n"
        'response = http.get("/", params={"n": numbers})\n'
        'wanted = {"sum": sum(numbers)}\n'
        'assert response.json() == wanted, explain(response, f"{wanted}", "All of n.")\n'
        "### END HIDDEN TESTS\n",
    ),
}
POINTS = {"greeting": (2, 3), "adding": (1, 2)}  # visible, hidden
FULL = 8


def graded_cell(source: str, name: str, points: float | None, kind: Any = new_code_cell) -> Any:
    """A cell as nbgrader knows it: an answer without points, a check with them."""
    cell = kind(source)
    cell.metadata["nbgrader"] = {
        "grade_id": name,
        "locked": points is not None,
        "grade": points is not None,
        "solution": points is None,
        "task": False,
        "schema_version": 3,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def solution() -> Any:
    """The worked answers."""
    cells = [new_markdown_cell("# Two small apps"), new_code_cell(PREPARE)]
    for name, answer in RIGHT.items():
        head, _, body = answer.partition("\n")
        marked = f"{head}\n    ### BEGIN SOLUTION\n{body.rstrip()}\n    ### END SOLUTION"
        visible, hidden = CHECKS[name]
        cells += [
            new_markdown_cell(f"## Task: {name}"),
            graded_cell(marked, name, None),
            graded_cell(visible, f"{name}_check", POINTS[name][0]),
            graded_cell(hidden, f"{name}_hidden", POINTS[name][1]),
        ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


@dataclass(frozen=True)
class SmallCourse:
    """A folder with the small course in it, and what was handed in."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> SmallCourse:
        """Write the course into a folder."""
        section = folder / "solutions" / SECTION
        section.mkdir(parents=True)
        nbformat.write(solution(), section / f"{NOTEBOOK}.ipynb")
        generate(folder, folder / "exercises")
        (folder / "handed-in").mkdir()
        return cls(folder)

    @property
    def handed_in(self) -> Path:
        """The folder with the submissions."""
        return self.folder / "handed-in"

    @cached_property
    def exercise(self) -> str:
        """The text of the released exercise."""
        return (self.folder / "exercises" / SECTION / f"{NOTEBOOK}.ipynb").read_text("utf-8")

    def answered(self, answers: Mapping[str, str] = RIGHT) -> Any:
        """The exercise with these answers."""
        notebook = nbformat.reads(self.exercise, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        return notebook

    def hand_in(self, learner: str, notebook: Any) -> Path:
        """Hand in a notebook; returns the learner's folder."""
        folder = self.handed_in / learner
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")
        return folder

    def command(self, *options: str) -> list[str]:
        """The command that grades."""
        command = [sys.executable, "-m", "grading.grade", SECTION, "--course", str(self.folder)]
        return [*command, *options]

    def grade(self, *options: str, seconds: int = 20) -> subprocess.CompletedProcess[str]:
        """Grade what was handed in."""
        given = ["--submissions", str(self.handed_in), "--seconds", str(seconds), "--workers", "1"]
        return self.run(*given, *options)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the command with these options."""
        return subprocess.run(
            self.command(*options),
            cwd=ROOT,
            env=os.environ | {"PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    @property
    def desk(self) -> Path:
        """Where grading keeps what it makes."""
        return self.folder / "grading"

    @property
    def results(self) -> Path:
        """The folder with grades.csv and summary.html."""
        return self.desk / "results" / SECTION

    @property
    def grades(self) -> dict[str, str]:
        """What stands in grades.csv, by the name of the learner."""
        lines = (self.results / "grades.csv").read_text("utf-8").splitlines()[1:]
        return {line.split(",")[0]: line.rsplit(",", 1)[1] for line in lines}

    def page(self, learner: str) -> str:
        """The learner's page."""
        return (self.desk / "feedback" / learner / SECTION / "index.html").read_text("utf-8")

    def executed(self, learner: str) -> Any:
        """The learner's notebook as it ran."""
        path = self.desk / "autograded" / learner / SECTION / f"{NOTEBOOK}.ipynb"
        return nbformat.read(path, as_version=4)

    def copy(self, folder: Path) -> SmallCourse:
        """The same course in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return SmallCourse(folder)


def cell_named(notebook: Any, name: str) -> Any:
    """The cell of a notebook that nbgrader knows by a name."""
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def printed(notebook: Any, name: str) -> str:
    """What a cell printed."""
    return "".join(output.get("text", "") for output in cell_named(notebook, name).outputs)


def as_json(notebook: Any) -> dict[str, Any]:
    """A notebook as plain JSON, to be spoilt."""
    found: dict[str, Any] = json.loads(nbformat.writes(notebook))
    return found
