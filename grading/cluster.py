"""Grades on the workers of a Dask cluster, which may be other machines.

A job carries all that it needs, so that a worker needs the course and its packages, a sandbox, and
no files. A job whose worker is lost goes to another one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from distributed import Client, as_completed
from distributed.scheduler import KilledWorker

from grading.errors import CannotGradeError
from grading.grader import Job, Outcome, failed, grade

CONNECT = 30  # seconds that a scheduler may take to answer


class ClusterError(CannotGradeError):
    """The cluster cannot be used. The message says why and what to do."""


def grade_on(address: str, jobs: Iterable[Job]) -> Iterator[Outcome]:
    """Grade jobs on a cluster, and give each outcome as it comes.

    Args:
        address: of the scheduler, for example "tcp://host:8786".
        jobs: what is to be graded.

    Raises:
        ClusterError: there is no scheduler, or it has no workers.
    """
    try:
        client: Any = Client(address, timeout=CONNECT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error}). Start one with: dask scheduler"
        ) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise ClusterError(
                f"The scheduler at {address} has no workers. On each machine, in the course's "
                f"folder: dask worker {address} --nthreads 1 --nworkers N"
            )
        by_future = {client.submit(grade, job, pure=False, retries=1): job for job in jobs}
        for future in as_completed(list(by_future)):  # type: ignore[no-untyped-call]
            try:
                yield future.result()
            except KilledWorker:
                yield failed(by_future[future], "Every worker that graded it has died.")
