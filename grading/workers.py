"""Worker processes that grade, each one job at a time, on this machine.

A worker that dies or does not come to an end is replaced; its job is tried once more, and then
said to have failed. Workers end with the process that started them, however that ends.
"""

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Self

import psutil

from grading import examiner, zygote
from grading.grader import Job, Outcome, failed, grade
from grading.sandbox import end_all, why_not
from grading.starting import context, deaf

TRIES = 2  # of a job whose worker dies
START = 180.0  # seconds until a worker is ready, on a busy machine
SLACK = 120.0  # seconds beyond the budgets of a job's notebooks


class Workers:
    """Processes that grade. They warm up from the moment that this object is made.

    Args:
        count: how many.
        packages: what the notebooks import that will be graded.
        sandboxed: whether learners' code is to be kept apart.
    """

    def __init__(self, count: int, packages: tuple[str, ...], *, sandboxed: bool) -> None:
        """Start the processes."""
        self._arguments = (packages, sandboxed)
        self._idle = [_Worker(*self._arguments) for _ in range(count)]
        self._busy: list[_Worker] = []

    def problem(self) -> str:
        """Return why nothing can be graded here and what to do, or nothing."""
        return next(filter(None, (worker.problem_at_start() for worker in self._idle)), "")

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Grade jobs, and give each outcome as it comes.

        Args:
            jobs: what is to be graded; taken as workers become free.
        """
        waiting = iter(jobs)
        again: deque[tuple[Job, int]] = deque()
        idle, busy = self._idle, self._busy
        while True:
            while idle and (given := _next(again, waiting)):
                worker = idle.pop()
                worker.begin(*given)
                busy.append(worker)
            if not busy:
                return
            for worker in _ended(busy):
                busy.remove(worker)
                outcome = worker.outcome()
                if outcome is not None:
                    idle.append(worker)
                    yield outcome
                    continue
                worker.stop()
                idle.append(_Worker(*self._arguments))
                idle[-1].problem_at_start()
                if worker.late or worker.tries >= TRIES:
                    yield failed(worker.job, worker.problem())
                else:
                    again.append((worker.job, worker.tries))

    def stop(self) -> None:
        """End the processes, and all that they have started."""
        for worker in (*self._idle, *self._busy):
            worker.stop()
        self._idle, self._busy = [], []

    def __enter__(self) -> Self:
        """Return the workers, which end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, and all that they have started."""
        self.stop()


def _next(again: deque[tuple[Job, int]], waiting: Iterator[Job]) -> tuple[Job, int] | None:
    if again:
        return again.popleft()
    job = next(waiting, None)
    return None if job is None else (job, 0)


def _ended(busy: list["_Worker"]) -> list["_Worker"]:
    """Wait until a worker has answered, has died, or is late; return those."""
    left = max(0.0, min(worker.until for worker in busy) - time.monotonic())
    handles = {worker.pipe: worker for worker in busy}
    ready = [handles[pipe] for pipe in connection.wait(list(handles), left) if pipe in handles]
    return ready or [worker for worker in busy if worker.late]


class _Worker:
    def __init__(self, packages: tuple[str, ...], sandboxed: bool) -> None:
        start = context()
        self.pipe, theirs = start.Pipe()
        arguments = (theirs, packages, sandboxed)
        self._process = start.Process(target=work, args=arguments, daemon=True)
        with deaf():
            self._process.start()
        theirs.close()
        self.job: Job
        self.tries = 0
        self.until = 0.0

    def problem_at_start(self) -> str:
        """Wait until the worker is ready; return why it cannot grade, or nothing."""
        try:
            if self.pipe.poll(START):
                return str(self.pipe.recv())
        except (EOFError, OSError):
            return "A process that grades has ended at once."
        return f"A process that grades was not ready after {START:g} s."

    def begin(self, job: Job, tries: int) -> None:
        self.job, self.tries = job, tries + 1
        notebooks = len(job.release.notebooks)
        self.until = time.monotonic() + notebooks * job.settings.budget + SLACK
        with contextlib.suppress(OSError):  # that it has died, outcome() sees
            self.pipe.send(job)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until

    def outcome(self) -> Outcome | None:
        """Return what the worker has answered; nothing when it has died or is late."""
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll():
                answer = self.pipe.recv()
                return answer if isinstance(answer, Outcome) else None
        return None

    def problem(self) -> str:
        if self.late:
            return "Grading it took too long and was stopped."
        return "The process that graded it has died, twice. Is there enough memory?"

    def stop(self) -> None:
        """End the worker, and all that it has started."""
        self.pipe.close()
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            for child in (*process.children(recursive=True), process):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        self._process.join()


def work(pipe: Connection, packages: tuple[str, ...], sandboxed: bool) -> None:
    """Answer jobs until the process that started this one hangs up or has ended.

    The first thing that is sent is why nothing can be graded here, or an empty text.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        pipe.send(_warm_up(packages) if sandboxed else "")
        while True:
            pipe.send(grade(pipe.recv()))


def _warm_up(packages: tuple[str, ...]) -> str:
    zygote.warm_up(packages)
    try:
        examiner.warm_up()
    except examiner.ExaminerError as error:
        return str(error)
    return why_not()


def _end_with(parent: int) -> None:
    # A sandbox ends with the process that made it.
    while os.getppid() == parent:
        time.sleep(0.5)
    end_all()
    os._exit(1)
