"""A class of hostile, broken and strange submissions is graded: each gets what it deserves."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.grading.corpus import CASES, ESCAPED, MARK, Case
from tests.grading.small import SECTION, SmallCourse, printed

SECONDS = 3  # that a cell may run

ONLY = os.environ.get("CORPUS", "")  # grade these alone, while one writes a case
CHOSEN = [case for case in CASES if re.search(ONLY, case.name)]


@pytest.fixture(scope="module")
def course(sandbox_works: None, tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    course = SmallCourse.make(tmp_path_factory.mktemp("hostile") / "course")
    for case in CHOSEN:
        case.make(course)
    return course


@pytest.fixture(scope="module")
def before(course: SmallCourse) -> dict[str, tuple[int, int]]:
    return everything(course.folder)


class Watch(threading.Thread):
    """Remembers every process that this one starts, and those that they start."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[psutil.Process] = set()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.2):
            with contextlib.suppress(psutil.Error):
                self.seen.update(psutil.Process().children(recursive=True))


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def graded(
    course: SmallCourse, before: object, watch: Watch
) -> Iterator[subprocess.CompletedProcess[str]]:
    before_us = set(psutil.Process().children(recursive=True))
    watch.start()
    done = course.grade("--workers", "2", seconds=SECONDS)
    watch.ended.set()
    watch.join()
    watch.seen -= before_us
    yield done
    ESCAPED.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def keys(course: SmallCourse, graded: object) -> dict[str, str]:
    """The keys of the learners by their names."""
    from grading.intake import safe_name

    return {case.name: safe_name(case.name) for case in CHOSEN}


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file outside of what grading makes, with its size and the time of its change."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if "grading" not in path.relative_to(folder).parts[:1] and not path.is_dir()
    }


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_the_mark_is_what_the_work_deserves(
    case: Case, course: SmallCourse, graded: subprocess.CompletedProcess[str]
) -> None:
    name = f"'{case.name}" if case.name.startswith("=") else case.name
    grades = course.grades
    assert name in grades, graded.stderr
    expected = "" if case.points is None else f"{case.points:g}"
    assert grades[name] == expected


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_the_report_says_what_happened(
    case: Case, course: SmallCourse, keys: dict[str, str]
) -> None:
    import html

    page = html.unescape(course.page(keys[case.name]))
    assert case.says in page
    if case.points is None:
        assert "Not graded" in page


def test_who_was_not_graded_is_told_apart(
    course: SmallCourse, graded: subprocess.CompletedProcess[str]
) -> None:
    ungraded = [case for case in CHOSEN if case.points is None]
    assert graded.returncode == (1 if ungraded else 0), graded.stderr
    assert f"{len(ungraded)} not graded" in graded.stdout
    assert graded.stdout.count("not graded") == len(ungraded) + 1
    assert f"{len(CHOSEN)} of {len(CHOSEN)} done, {len(ungraded)} failed" in graded.stderr


def test_nothing_is_left_running(graded: object, watch: Watch) -> None:
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        assert MARK not in line
    assert len(watch.seen) > len(CHOSEN)
    _, alive = psutil.wait_procs(watch.seen, timeout=20)
    assert not alive


def test_nothing_is_written_outside(
    course: SmallCourse, before: dict[str, tuple[int, int]], graded: object
) -> None:
    assert everything(course.folder) == before
    assert not ESCAPED.exists()
    for folder in (course.folder, *course.folder.parents):
        assert not (folder / ESCAPED.name).exists()
        assert not (folder / "escaped.ipynb").exists()
    leftovers = [path.name for path in course.desk.iterdir() if path.name.startswith(".")]
    assert set(leftovers) <= {".lock"}


def of(name: str) -> pytest.MarkDecorator:
    """Skip where another part of the corpus was asked for."""
    return pytest.mark.skipif(
        name not in [case.name for case in CHOSEN], reason="not in this part of the corpus"
    )


@of("search for hidden checks")
def test_hidden_checks_are_not_found(course: SmallCourse, graded: object) -> None:
    executed = course.executed("search for hidden checks")
    assert printed(executed, "greeting") == "found: []\n"


@of("200 MB of output")
def test_output_is_cut(course: SmallCourse, graded: object) -> None:
    folder = course.desk / "autograded" / "200 MB of output" / SECTION
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_500_000


@of("calls home")
def test_nobody_is_reached(course: SmallCourse, graded: object) -> None:
    for name in ("calls home", "deletes the gradebook"):
        assert printed(course.executed(name), "greeting") == ""
    assert "wrote / " not in printed(course.executed("writes outside"), "greeting")


@of("script in a text")
def test_pages_run_no_script(course: SmallCourse, graded: object) -> None:
    pages = [*course.desk.rglob("*.html")]
    assert len(pages) == len(CHOSEN) + 1
    for page in pages:
        assert not re.search(r"<script|onerror=|javascript:", page.read_text("utf-8")), page
    text = (course.results / "grades.csv").read_text("utf-8")
    assert not re.search(r"^[=+@-]", text, re.MULTILINE)
