"""How nbgrader executes a submission in this course: a candidate, and an examiner.

What the learner wrote runs in a sandbox, cell by cell. Checks run outside of it, as they were
released, and reach what the learner built through HTTP alone. nbgrader does the rest.
"""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook  # type: ignore[import-untyped]
from nbgrader.preprocessors import Execute  # type: ignore[import-untyped]
from nbgrader.utils import is_grade, is_solution  # type: ignore[import-untyped]
from traitlets import Float, Integer

from grading.candidate import Candidate, LostError
from grading.examiner import Examiner

MOST_SHOWN = 1_200_000  # bytes of outputs of a notebook; its shell cuts at 1,000,000 characters
CONNECT = re.compile(r"""\bconnect\(\s*["'](\w+)["']\s*\)""")


class ExaminedExecute(Execute):  # type: ignore[misc]
    """Runs a learner's cells in a sandbox, and checks outside of it.

    A cell that ends its Python, or cannot be stopped, is left out: the notebook is begun again
    without it, so that it costs what depends on it and nothing else.

    Raises:
        grading.sandbox.SandboxError: no sandbox can be made here.
        grading.examiner.ExaminerError: the examiner does not work.
    """

    beginnings = Integer(4, help="How often a notebook may be begun, the first time included.").tag(
        config=True
    )
    budget = Float(300, help="Seconds for a whole notebook; what is left then is not run.").tag(
        config=True
    )

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Execute a submission."""
        checks = _checks(resources["nbgrader"])
        folder = Path(resources["metadata"]["path"] or ".")
        return self.examine(nb, checks, _files_beside(folder)), resources

    def examine(
        self,
        nb: NotebookNode,
        checks: Mapping[str, str],
        files: Mapping[str, bytes],
    ) -> NotebookNode:
        """Execute a notebook, and put its outputs into it.

        Args:
            nb: the notebook, with its metadata as nbgrader has put them in order.
            checks: the source of each check as it was released, by its grade_id.
            files: what lies beside the notebook, by relative path.
        """
        seconds = float(self.timeout or 60)
        notebook = _Notebook(files, seconds, self.budget, self.beginnings)
        examiner = Examiner()
        try:
            for count, cell in enumerate(nb.cells, 1):
                if cell.cell_type != "code":
                    continue
                cell.execution_count = count
                if is_grade(cell) and not is_solution(cell):
                    # The check as it was released, whatever stands in the submission.
                    cell.source = checks[cell.metadata.nbgrader.grade_id]
                    # nbgrader takes points for anything on stderr, a warning included.
                    cell.outputs = [
                        output
                        for output in notebook.check(cell.source, examiner)
                        if output.get("name") != "stderr"
                    ]
                else:
                    cell.outputs = notebook.run(cell.source)
        finally:
            examiner.stop()
            notebook.stop()
        return nb


class _Notebook:
    """The learner's cells that have run, and the candidate in which they did."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        seconds: float,
        budget: float,
        beginnings: int,
    ) -> None:
        self.seconds = seconds
        self._files = files
        self._until = time.monotonic() + budget
        self._budget = budget
        self._left = beginnings
        self._room = MOST_SHOWN
        self._done: list[str] = []
        self._candidate: Candidate | None = None
        self._lost = ""
        self._checked = False

    def run(self, source: str) -> list[Any]:
        """Run one more cell; return its outputs, or why it has none."""
        checked, self._checked = self._checked, False
        try:
            outputs = self._cut(self._begun().run(source, self._time()))
        except LostError as error:
            self._lose(str(error))
            # Perhaps it was a check that ended the candidate, and this cell has done nothing.
            return self.run(source) if checked else [_error(str(error))]
        self._done.append(source)
        return outputs

    def check(self, source: str, examiner: Examiner) -> list[Any]:
        """Have a check run; return its outputs, or why it has none."""
        apps = {name: self._serve(name) for name in CONNECT.findall(source)}
        try:
            return examiner.check(source, self._time(), apps)
        except LostError as error:
            return [_error(str(error))]

    def _serve(self, name: str) -> tuple[Path, str]:
        """Have an app served; return the socket, and what prevents it or nothing."""
        self._checked = True
        try:
            return self._begun().serve(name)
        except LostError:
            # An earlier check may have ended it; perhaps it gets through this one.
            self._lose("")
        try:
            return self._begun().serve(name)
        except LostError as error:
            self._lose(str(error))
            return Path(), str(error)

    def stop(self) -> None:
        """End the candidate."""
        if self._candidate is not None:
            self._candidate.stop()
            self._candidate = None

    def _cut(self, outputs: list[Any]) -> list[Any]:
        """Leave out what a notebook says too much, also when it says so past our own shell."""
        kept = []
        for output in outputs:
            size = len(json.dumps(output))
            if size > self._room:
                kept.append(new_output("stream", name="stdout", text="[cut: too much output]\n"))
                break
            self._room -= size
            kept.append(output)
        return kept

    def _time(self) -> float:
        """Return the seconds that the next cell may take."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise LostError(f"The whole notebook ran for longer than {self._budget:g} seconds.")
        return min(self.seconds, left)

    def _lose(self, why: str) -> None:
        self.stop()
        self._lost = why or self._lost

    def _begun(self) -> Candidate:
        """Return the candidate, begun again with the cells that got through if it was lost."""
        while self._candidate is None:
            self._time()
            if self._left == 0:
                raise LostError(f"The notebook was begun too often. {self._lost}")
            self._left -= 1
            self._candidate = Candidate()
            try:
                self._candidate.put(self._files)
            except LostError as error:
                self._lose(str(error))
                continue
            for place, source in enumerate(list(self._done)):
                try:
                    self._candidate.run(source, self._time())
                except LostError as error:
                    del self._done[place]
                    self._lose(str(error))
                    break
        return self._candidate


def _files_beside(folder: Path) -> dict[str, bytes]:
    # Without the notebooks: those of the grader hold checks again.
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb"
    }


def _checks(submission: dict[str, Any]) -> dict[str, str]:
    """Return the source of each check of a notebook, as the gradebook has it."""
    with Gradebook(submission["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(submission["notebook"], submission["assignment"])
        return {cell.name: cell.source for cell in notebook.source_cells if cell.source}


def _error(message: str) -> Any:
    return new_output("error", ename="NotRun", evalue=message, traceback=[message])
