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
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import connection, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any

import psutil

from grading.grader import Job, Outcome, failed, grade
from grading.sandbox import end_all

TRIES = 2  # of a job whose worker dies
SLACK = 120.0  # seconds beyond the budgets of a job's notebooks


def grade_here(jobs: Iterable[Job], workers: int) -> Iterator[Outcome]:
    """Grade jobs in worker processes, and give each outcome as it comes.

    Args:
        jobs: what is to be graded; taken as workers become free.
        workers: the number of processes.
    """
    waiting = iter(jobs)
    again: deque[tuple[Job, int]] = deque()
    idle = [_Worker() for _ in range(workers)]
    busy: list[_Worker] = []
    try:
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
                idle.append(_Worker())
                if worker.late or worker.tries >= TRIES:
                    yield failed(worker.job, worker.problem())
                else:
                    again.append((worker.job, worker.tries))
    finally:
        for worker in (*idle, *busy):
            worker.stop()


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


def _context() -> Any:
    """Return how processes are started: from one that has imported all, where that exists."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["grading.grader"])
    return context


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: whoever started them ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Worker:
    def __init__(self) -> None:
        context = _context()
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, grade), daemon=True)
        with _deaf():
            self._process.start()
        theirs.close()
        self.job: Job
        self.tries = 0
        self.until = 0.0

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


def work(pipe: Connection, do: Callable[[Job], Outcome]) -> None:
    """Answer jobs until the process that started this one hangs up or has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(do(pipe.recv()))


def _end_with(parent: int) -> None:
    # A sandbox ends with the process that made it.
    while os.getppid() == parent:
        time.sleep(0.5)
    end_all()
    os._exit(1)
