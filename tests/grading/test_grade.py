"""The command that grades: again, interrupted, killed, after changes, for every LMS."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from tests.grading.small import GREETING, NOTEBOOK, RIGHT, ROOT, SECTION, SmallCourse

LEARNERS = ("Ada", "Bob", "Cy", "Dee", "Eva", "Fay")
EXPECTED = {"Ada": "8", "Bob": "3", "Cy": "0", "Dee": "8", "Eva": "3", "Fay": "0"}


@pytest.fixture(scope="module")
def made(sandbox_works: None, tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """A course with six learners, graded once."""
    course = SmallCourse.make(tmp_path_factory.mktemp("class") / "course")
    for number, learner in enumerate(LEARNERS):
        answers = [RIGHT, {**RIGHT, "greeting": ""}, {}][number % 3]
        course.hand_in(learner, course.answered(answers))
    done = course.grade("--workers", "2")
    assert done.returncode == 0, done.stderr
    return course


@pytest.fixture
def course(made: SmallCourse, tmp_path: Path) -> SmallCourse:
    """A copy of it, with all that was graded."""
    return made.copy(tmp_path / "course")


@pytest.fixture
def ungraded(made: SmallCourse, tmp_path: Path) -> SmallCourse:
    """A copy of it in which nothing was graded yet."""
    copied = made.copy(tmp_path / "ungraded")
    shutil.rmtree(copied.desk)
    return copied


def graded_now(
    done: subprocess.CompletedProcess[str], course: SmallCourse, before: float
) -> set[str]:
    """Who was run, and not only counted."""
    assert done.returncode == 0, done.stderr
    folders = (course.desk / "autograded").iterdir()
    return {f.name for f in folders if (f / SECTION).stat().st_ctime > before}


def scores(course: SmallCourse) -> dict[str, set[float]]:
    """All that stands in the gradebook, by learner, read past nbgrader."""
    found: dict[str, set[float]] = {}
    query = """
        SELECT submitted_assignment.student_id, grade.auto_score
        FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    """
    with sqlite3.connect(course.desk / "gradebook.db") as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for learner, score in base.execute(query):
            found.setdefault(learner, set()).add(score)
    return found


def test_everybody_gets_what_the_work_deserves(made: SmallCourse) -> None:
    assert made.grades == EXPECTED
    assert sorted(path.name for path in (made.desk / "feedback").iterdir()) == sorted(LEARNERS)
    page = made.page("Bob")
    assert "<strong>3</strong> of 8 points" in page
    assert "Task: greeting" in page
    assert "no object called" in page


def test_grading_twice_gives_the_same_bytes(course: SmallCourse) -> None:
    csv, summary = course.results / "grades.csv", course.results / "summary.html"
    before = csv.read_bytes(), summary.read_bytes()
    started = time.time()
    done = course.grade()
    assert graded_now(done, course, started) == set()
    assert (csv.read_bytes(), summary.read_bytes()) == before
    started = time.time()
    done = course.grade("--again")
    assert graded_now(done, course, started) == set(LEARNERS)
    assert (csv.read_bytes(), summary.read_bytes()) == before


def test_only_what_is_new_is_graded(course: SmallCourse) -> None:
    course.hand_in("Cy", course.answered())
    course.hand_in("Gus", course.answered())
    started = time.time()
    done = course.grade()
    assert graded_now(done, course, started) == {"Cy", "Gus"}
    assert course.grades == EXPECTED | {"Cy": "8", "Gus": "8"}


def test_a_mended_check_grades_everybody_again(course: SmallCourse) -> None:
    path = course.folder / "solutions" / SECTION / f"{NOTEBOOK}.ipynb"
    text = path.read_text("utf-8")
    path.write_text(text.replace("Hello, Grace!", "Hello, Nobody!"), "utf-8")
    started = time.time()
    done = course.grade()
    assert graded_now(done, course, started) == set(LEARNERS)
    assert course.grades == EXPECTED | {"Ada": "5", "Dee": "5"}


def test_other_tasks_ask_for_a_new_beginning(course: SmallCourse) -> None:
    path = course.folder / "solutions" / SECTION / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text("utf-8").replace("adding_hidden", "adding_more"), "utf-8")
    done = course.grade()
    assert done.returncode == 2
    assert "--from-nothing" in done.stderr
    assert course.grades == EXPECTED
    done = course.grade("--from-nothing")
    assert done.returncode == 0, done.stderr
    assert course.grades == EXPECTED
    copies = list((course.desk / "backups").glob("gradebook-*.db"))
    assert len(copies) >= 2
    copied = SmallCourse(course.folder.parent / "back")
    copied.desk.mkdir(parents=True)
    shutil.copy(sorted(copies)[0], copied.desk / "gradebook.db")
    assert set(scores(copied)) == set(LEARNERS)


def test_killed_at_random_moments_it_ends_with_the_same_grades(
    made: SmallCourse, ungraded: SmallCourse
) -> None:
    seed = time.time_ns()
    moments = random.Random(seed)
    command = ungraded.command("--submissions", str(ungraded.handed_in), "--workers", "2")
    for _ in range(10):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(moments.uniform(0.3, 3))
        except subprocess.TimeoutExpired:
            started = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            process.wait()
            _, alive = psutil.wait_procs(started, timeout=30)
            assert not alive, (seed, alive)
        if (ungraded.desk / "gradebook.db").exists() and not _being_made(ungraded):
            # Each learner has points everywhere, or nowhere.
            for learner, found in scores(ungraded).items():
                assert None not in found, (seed, learner)
    done = ungraded.grade()
    assert done.returncode == 0, (seed, done.stderr)
    for name in ("grades.csv", "summary.html"):
        expected = (made.results / name).read_bytes()
        assert (ungraded.results / name).read_bytes() == expected, seed
    assert scores(ungraded) == scores(made)


def _being_made(course: SmallCourse) -> bool:
    with sqlite3.connect(course.desk / "gradebook.db") as base:
        tables = base.execute("SELECT name FROM sqlite_master WHERE name = 'grade'").fetchall()
    return not tables


def test_ctrl_c_ends_everything_and_says_how_to_go_on(ungraded: SmallCourse) -> None:
    slow = f"import time\ntime.sleep(5)\n{GREETING}"
    for learner in LEARNERS:
        ungraded.hand_in(learner, ungraded.answered({**RIGHT, "greeting": slow}))
    process = subprocess.Popen(
        ungraded.command("--submissions", str(ungraded.handed_in)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell has its background jobs ignore Ctrl-C, and the tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and not (ungraded.desk / "submitted" / "Fay").exists():
        time.sleep(0.1)
    time.sleep(2)
    started = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "The same command goes on from here." in errors
    assert "Traceback" not in errors
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive


def test_two_runs_at_once_are_refused(course: SmallCourse) -> None:
    with FileLock(course.desk / ".lock"):
        done = course.grade()
    assert done.returncode == 2
    assert "Another grading run" in done.stderr


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b"no database" * 1000), "is no gradebook"),
        (lambda path: path.write_bytes(path.read_bytes()[: 2**14]), "is no gradebook"),
    ],
)
def test_a_damaged_gradebook_is_left_alone(course: SmallCourse, spoil, says: str) -> None:
    book = course.desk / "gradebook.db"
    assert course.grade().returncode == 0  # and there is a copy
    spoil(book)
    before = book.read_bytes()
    done = course.grade()
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    copy = Path(re.search(r"The latest copy: (.*)$", done.stderr, re.MULTILINE)[1])
    assert book.read_bytes() == before
    shutil.copy(copy, book)
    assert course.grade().returncode == 0
    assert course.grades == EXPECTED


def test_bad_options_are_told(course: SmallCourse) -> None:
    for options, says in (
        (("--submissions", "nowhere"), "There is no folder and no archive"),
        (("--late-penalty", "120"), "--late-penalty is from 0 to 100"),
        (("--workers", "0"), "1 or more"),
    ):
        done = course.run(*options)
        assert done.returncode == 2
        assert says in done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "grading.grade", "99_none", "--course", str(course.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "There is no section '99_none'. The sections: 01_small." in done.stderr


def test_without_a_sandbox_nothing_is_run(ungraded: SmallCourse, tmp_path: Path) -> None:
    # A machine on which bubblewrap is, and cannot work.
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'No permissions to create a new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    env = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    command = ungraded.command("--submissions", str(ungraded.handed_in))
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No permissions to create a new namespace" in done.stderr
    assert "Nothing was run." in done.stderr
    assert "--run-learners-code-with-my-rights" in done.stderr
    assert not (ungraded.desk / "autograded").exists()
    command.append("--run-learners-code-with-my-rights")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ungraded.grades == EXPECTED


# --- what an LMS gives and takes


def lms_download(course: SmallCourse, names: dict[str, object], path: Path) -> Path:
    """An archive with a notebook under each of these names."""
    import nbformat

    with zipfile.ZipFile(path, "w") as archive:
        for name, answers in names.items():
            archive.writestr(name, nbformat.writes(course.answered(answers)))
    return path


def test_canvas(ungraded: SmallCourse, tmp_path: Path) -> None:
    download = lms_download(
        ungraded,
        {
            "lovelaceada_101_9001_apps.ipynb": RIGHT,
            "hopperbob_LATE_102_9002_apps-1.ipynb": RIGHT,
            "cy_103_9003_apps.ipynb": {},
        },
        tmp_path / "submissions.zip",
    )
    done = ungraded.run("--submissions", str(download), "--late-penalty", "25")
    assert done.returncode == 0, done.stderr
    assert (ungraded.results / "grades.csv").read_text() == (
        "Student,ID,SIS User ID,SIS Login ID,Section,01_small\n"
        "cy,103,,,,0\n"
        "hopperbob,102,,,,6\n"
        "lovelaceada,101,,,,8\n"
    )
    assert "late, 2 points off" in done.stdout
    assert "2 points less" in ungraded.page("hopperbob_102")
    # Another policy, and the same work.
    done = ungraded.run("--submissions", str(download))
    assert done.returncode == 0, done.stderr
    assert "hopperbob,102,,,,8\n" in (ungraded.results / "grades.csv").read_text()


def test_moodle(ungraded: SmallCourse, tmp_path: Path) -> None:
    download = lms_download(
        ungraded,
        {
            "Ada Lovelace_201_assignsubmission_file_/apps.ipynb": RIGHT,
            "Zoë Öst_202_assignsubmission_file_/apps.ipynb": {},
        },
        tmp_path / "moodle.zip",
    )
    done = ungraded.run("--submissions", str(download))
    assert done.returncode == 0, done.stderr
    lines = (ungraded.results / "grades.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("Identifier,Full name,")
    assert lines[1].startswith("Participant 201,Ada Lovelace,")
    assert lines[2].startswith("Participant 202,Zoë Öst,")
