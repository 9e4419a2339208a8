"""How fast grading is beside nbgrader's own: `python -m grading.benchmark`.

The same submissions are graded in turn by `nbgrader autograde`, which runs each beside its checks
and without a sandbox, and by `course.py grade`, which keeps them apart and writes all reports.
nbgrader finds the tasks in its gradebook already. What counts is the ratio, measured side by side.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import nbformat

from grading.generate import COURSE, generate

NOTEBOOK = "02_advantages/01_flask"

# nbgrader as it comes, with the course's folders and its remedy against stderr alone.
STOCK = """
import runpy
settings = runpy.run_path({settings!r}, init_globals={{"get_config": get_config}})
del c.Autograde["autograde_preprocessors"]
c.CourseDirectory.root = {course!r}
c.CourseDirectory.db_url = "sqlite:///{course}/gradebook.db"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and print the medians; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grading.benchmark", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--submissions", type=int, default=20, metavar="N")
    parser.add_argument("--notebook", default=NOTEBOOK, metavar="SECTION/NOTEBOOK")
    options = parser.parse_args(arguments)
    section = options.notebook.partition("/")[0]
    times: dict[str, list[float]] = {"nbgrader autograde": [], "course.py grade": []}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        made = Path(name, "made")
        _make(made, options.notebook, options.submissions)
        for number in range(1, options.rounds + 1):
            for kind, run in zip(times, (_stock, _ours), strict=True):
                course = Path(name, "course")
                shutil.copytree(made, course)
                if run is _stock:
                    _stock(course, section, "generate_assignment")  # which ours does by itself
                started = time.perf_counter()
                run(course, section)
                times[kind].append(time.perf_counter() - started)
                graded = len(list(course.glob(f"grading/autograded/*/{section}/*.ipynb")))
                shutil.rmtree(course)
                print(
                    f"round {number}  {kind:18}  {times[kind][-1]:7.2f} s  {graded} graded",
                    flush=True,
                )
                if graded != options.submissions:
                    print("Not everybody was graded: the figures mean nothing.", file=sys.stderr)
                    return 1
    print(f"\n{options.submissions} submissions of {options.notebook}, medians of {options.rounds}")
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} processors")
    stock, ours = (median(values) for values in times.values())
    for kind, value in zip(times, (stock, ours), strict=True):
        print(f"{kind:18}  {value:7.2f} s  {options.submissions / value:6.2f} submissions/s")
    print(f"throughput: {stock / ours:.1f} times")
    return 0


def _make(course: Path, notebook: str, count: int) -> None:
    """Make a course with one exercise, and submissions that solve more and more of it."""
    section, name = notebook.split("/")
    (course / "solutions" / section).mkdir(parents=True)
    solved_path = COURSE / "solutions" / f"{notebook}.ipynb"
    shutil.copy(solved_path, course / "solutions" / section)
    generate(course, course / "exercises")
    solved: dict[str, str] = {}
    for cell in nbformat.read(solved_path, as_version=4).cells:  # type: ignore[no-untyped-call]
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("solution"):
            solved[metadata.grade_id] = cell.source
    exercise = course / "exercises" / section / f"{name}.ipynb"
    for number in range(count):
        done = dict(list(solved.items())[: number % (len(solved) + 1)])
        answered = nbformat.read(exercise, as_version=4)  # type: ignore[no-untyped-call]
        for cell in answered.cells:
            cell.source = done.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        folder = course / "grading" / "submitted" / f"learner {number:03}" / section
        folder.mkdir(parents=True)
        nbformat.write(answered, folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]


def _stock(course: Path, section: str, command: str = "autograde") -> None:
    settings = str(Path(__file__).with_name("nbgrader_config.py"))
    config = course / "nbgrader_config.py"
    config.write_text(STOCK.format(settings=settings, course=course.as_posix()), "utf-8")
    _run([sys.executable, "-m", "nbgrader", command, section, "--force"], course)


def _ours(course: Path, section: str) -> None:
    command = [sys.executable, "-m", "grading.grade", section, "--course", str(course)]
    _run([*command, "--submissions", str(course / "grading" / "submitted")], COURSE)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
