"""Makes the exercises from the worked answers: `python -m grading.generate [--verify]`.

Every `solutions/<section>/<notebook>.ipynb` becomes `exercises/<section>/<notebook>.ipynb` by
nbgrader: worked answers and hidden checks are taken out, cells are locked. Files that lie
beside a notebook are copied. The same solutions always give the same bytes.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment  # type: ignore[import-untyped]
from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grading.normalise import normalise

COURSE = Path(__file__).resolve().parent.parent
SETTINGS = "nbgrader_config.py"

# Tags that make sense for worked answers only: an exercise shows the cell that you fill in.
SOLUTION_TAGS = {"hide-input"}

# Files of the learner's tools, not of the course.
IGNORED_NAMES = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}


class GenerationError(Exception):
    """An exercise cannot be made. The message says of which solution, and why."""


@dataclass(frozen=True)
class Differences:
    """How a folder of exercises differs from the one that the solutions give.

    Paths are relative to the folder and sorted.
    """

    changed: tuple[Path, ...]
    missing: tuple[Path, ...]
    extra: tuple[Path, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any difference."""
        return bool(self.changed or self.missing or self.extra)

    def lines(self, folder: str) -> list[str]:
        """Say each difference in one line, with its path below `folder`."""
        return [
            f"{word:8} {folder}/{path.as_posix()}"
            for word, paths in (
                ("differs", self.changed),
                ("missing", self.missing),
                ("extra", self.extra),
            )
            for path in paths
        ]


def course_config(course: Path = COURSE) -> Config:
    """Read the course's nbgrader settings, for the course in folder `course`.

    The settings are those of `grading/nbgrader_config.py`; root and gradebook are set to lie in
    `course`, so that a copy of the course in a temporary folder keeps to itself.
    """
    loader = PyFileConfigLoader(SETTINGS, path=str(Path(__file__).resolve().parent))
    config: Config = loader.load_config()
    course = course.resolve()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{(course / 'gradebook.db').as_posix()}"
    return config


def solution_notebooks(course: Path) -> list[Path]:
    """List the solution notebooks of a course, as paths relative to its `solutions` folder.

    Raises GenerationError when there are none, or when one is not in a section's folder.
    """
    solutions = course / "solutions"
    notebooks = [path for path in _files(solutions) if path.suffix == ".ipynb"]
    if not notebooks:
        raise GenerationError(f"there are no notebooks in {solutions}")
    for notebook in notebooks:
        if len(notebook.parts) != 2:
            raise GenerationError(
                f"solutions/{notebook.as_posix()} is not in a section's folder: "
                "move it to solutions/<section>/<notebook>.ipynb"
            )
    return notebooks


def generate(
    course: Path, destination: Path, progress: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """Make every exercise of the course in folder `course`, below the folder `destination`.

    Works on a copy of the solutions and with a gradebook of its own, both temporary: the
    instructor's gradebook is never opened. Files that are right already are left untouched.
    `progress` is called with a line of text for each notebook. Returns the paths of all files
    made, relative to `destination`. Raises GenerationError when a solution has a fault; then
    nothing has been written.
    """
    notebooks = solution_notebooks(course)
    with tempfile.TemporaryDirectory(prefix="exercises-") as folder:
        workshop = Path(folder).resolve()
        shutil.copytree(
            course / "solutions",
            workshop / "solutions",
            ignore=shutil.ignore_patterns(*IGNORED_NAMES),
        )
        for number, notebook in enumerate(notebooks, start=1):
            progress(f"[{number}/{len(notebooks)}] {notebook.as_posix()}")
            _run_nbgrader(workshop, notebook)
        made = workshop / "exercises"
        for notebook in notebooks:
            _drop_solution_tags(made / notebook)
        if normalise([str(made / notebook) for notebook in notebooks]) != 0:
            raise GenerationError("nbstripout failed; its message is above")
        paths = _files(made)
        for path in paths:
            _copy_if_changed(made / path, destination / path)
    return paths


def compare(made: Path, kept: Path) -> Differences:
    """Tell how the folder of exercises `kept` differs from the freshly `made` one."""
    expected, present = set(_files(made)), set(_files(kept))
    return Differences(
        changed=tuple(
            path
            for path in sorted(expected & present)
            if (made / path).read_bytes() != (kept / path).read_bytes()
        ),
        missing=tuple(sorted(expected - present)),
        extra=tuple(sorted(present - expected)),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 when all is well, 1 when it is not."""
    parser = argparse.ArgumentParser(
        prog="python -m grading.generate",
        description="Make exercises/ from solutions/. Exercises are never edited by hand.",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="change nothing; exit with code 1 when exercises/ is not what solutions/ gives",
    )
    parser.add_argument(
        "--course",
        type=Path,
        default=COURSE,
        metavar="FOLDER",
        help="the folder that holds solutions/ and exercises/ (default: this course)",
    )
    options = parser.parse_args(arguments)
    course: Path = options.course.resolve()
    try:
        return _verify(course) if options.verify else _write(course)
    except GenerationError as error:
        print(f"The exercises cannot be made: {error}", file=sys.stderr)
        return 1


def _write(course: Path) -> int:
    kept = course / "exercises"
    paths = generate(course, kept, _show)
    print(f"{len(paths)} files in exercises/ are up to date.")
    for path in sorted(set(_files(kept)) - set(paths)):
        print(f"exercises/{path.as_posix()} comes from no solution: delete it if it is not yours.")
    return 0


def _verify(course: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        paths = generate(course, Path(folder), _show)
        differences = compare(Path(folder), course / "exercises")
    if not differences:
        print(f"exercises/ is what solutions/ gives ({len(paths)} files).")
        return 0
    print("exercises/ is not what solutions/ gives:", file=sys.stderr)
    for line in differences.lines("exercises"):
        print(f"  {line}", file=sys.stderr)
    print(
        "Change the notebook in solutions/, then run: python -m grading.generate", file=sys.stderr
    )
    return 1


def _show(line: str) -> None:
    print(line, flush=True)


def record_assignment(course: Path, section: str, gradebook: str) -> None:
    """Write the tasks of a section into a gradebook, as nbgrader does when it makes exercises.

    Args:
        course: the folder that holds solutions/; nothing in it is changed.
        section: for example "02_advantages".
        gradebook: its address, such as "sqlite:///gradebook.db".

    Raises:
        GenerationError: a solution has a fault, or other tasks than those graded already.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        workshop = Path(folder).resolve()
        place = workshop / "solutions" / section
        ignored = shutil.ignore_patterns(*IGNORED_NAMES)
        shutil.copytree(course / "solutions" / section, place, ignore=ignored)
        for notebook in sorted(place.glob("*.ipynb")):
            _run_nbgrader(workshop, notebook.relative_to(place.parent), gradebook)


def _run_nbgrader(course: Path, notebook: Path, gradebook: str = "") -> None:
    """Make one exercise in `course`, a temporary copy, with nbgrader and its gradebook."""
    records = _Records()
    # A logger that nobody else knows: nbgrader's lines are kept, and shown only after a fault.
    log = logging.Logger("grading.generate")
    log.addHandler(records)
    config = course_config(course)
    if gradebook:
        config.CourseDirectory.db_url = gradebook
    config.CourseDirectory.assignment_id = notebook.parent.name
    config.CourseDirectory.notebook_id = notebook.stem
    try:
        converter = GenerateAssignment(
            coursedir=CourseDirectory(config=config, log=log), config=config, log=log
        )
        converter.start()
    # nbgrader lets through whatever a broken notebook raises, and names no notebook in it.
    except Exception as error:
        reason = records.reason() or f"{type(error).__name__}: {error}"
        if "Cannot add or remove cells" in reason:
            reason = (
                "it has other tasks than those that were graded already. "
                "Put the old ones back, or grade all of the section with --from-nothing."
            )
        raise GenerationError(f"solutions/{notebook.as_posix()}: {reason}") from error


class _Records(logging.Handler):
    """Keeps nbgrader's error messages; the first is the nearest to the cause."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def reason(self) -> str:
        """Give the last line of the first traceback: the error itself."""
        for message in self.messages:
            if message.startswith("Traceback"):
                return message.rstrip().splitlines()[-1]
        return self.messages[0].splitlines()[0] if self.messages else ""


def _drop_solution_tags(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag not in SOLUTION_TAGS]
        if tags:
            cell.metadata["tags"] = tags
        else:
            cell.metadata.pop("tags", None)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    path.write_text(f"{text.rstrip()}\n", encoding="utf-8", newline="\n")


def _copy_if_changed(source: Path, target: Path) -> None:
    content = source.read_bytes()
    if not target.exists() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _files(folder: Path) -> list[Path]:
    """List all files below `folder`, relative to it and sorted, without those of tools."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not IGNORED_NAMES.intersection(path.parts))


if __name__ == "__main__":
    sys.exit(main())
