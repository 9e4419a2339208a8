"""The same grades come from workers of a Dask cluster, also when one of them is killed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.grading.small import GREETING, RIGHT, ROOT, SmallCourse

LEARNERS = [f"learner {number}" for number in range(8)]


def start(command: list[str], log: Path, stack: ExitStack) -> subprocess.Popen[bytes]:
    """Start a program of dask's, which ends with the test."""
    program = [sys.executable, "-m", "dask", *command]
    with log.open("wb") as stream:
        process = subprocess.Popen(program, cwd=ROOT, stdout=stream, stderr=stream)
    stack.callback(process.wait, 60)
    stack.callback(process.terminate)
    return process


def said(log: Path, pattern: str) -> str:
    """What a program says, when it has said it."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if match := re.search(pattern, log.read_text()):
            return match[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def course(sandbox_works: None, tmp_path: Path) -> SmallCourse:
    course = SmallCourse.make(tmp_path / "course")
    slow = f"import time\ntime.sleep(2)\n{GREETING}"
    for learner in LEARNERS:
        course.hand_in(learner, course.answered({**RIGHT, "greeting": slow}))
    course.hand_in("untouched", course.answered({}))
    return course


def test_a_cluster_grades_and_survives_the_loss_of_a_worker(
    course: SmallCourse, tmp_path: Path, stack: ExitStack
) -> None:
    log = tmp_path / "scheduler.log"
    start(["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], log, stack)
    address = said(log, r"Scheduler at:\s+(tcp://\S+)")
    workers = []
    for number in range(2):
        log = tmp_path / f"worker-{number}.log"
        command = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        command += ["--local-directory", str(tmp_path / f"worker-{number}")]
        workers.append(start(command, log, stack))
        said(log, r"(Registered to)")
    process = subprocess.Popen(
        course.command("--submissions", str(course.handed_in), "--scheduler", address),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not list((course.desk / "autograded").glob("learner*")):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    started = psutil.Process(workers[0].pid).children(recursive=True)
    workers[0].send_signal(signal.SIGKILL)
    printed, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert course.grades == dict.fromkeys(LEARNERS, "8") | {"untouched": "0"}
    assert "9 graded" in printed
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive


def test_without_a_scheduler_the_message_says_how_to_start_one(
    course: SmallCourse,
) -> None:
    done = course.grade("--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "dask scheduler" in done.stderr
    assert "Traceback" not in done.stderr
