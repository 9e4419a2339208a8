"""Grades on the workers of a Dask cluster, which may be other machines.

A job carries all that it needs, so that a worker needs the course and its packages, a sandbox, and
no files. A job whose worker is lost goes to another one. Scheduler and workers are started in the
course's folder by `python -m dask`, because the program `dask` would not find the course there.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from distributed import Client, as_completed
from distributed.scheduler import KilledWorker

from grading.errors import CannotGradeError
from grading.grader import Job, Outcome, failed, grade

CONNECT = 10  # seconds that a scheduler may take to answer


class ClusterError(CannotGradeError):
    """The cluster cannot be used. The message says why and what to do."""


def grade_on(address: str, jobs: Iterable[Job]) -> Iterator[Outcome]:
    """Grade jobs on a cluster, and give each outcome as it comes.

    Args:
        address: of the scheduler, for example "tcp://host:8786".
        jobs: what is to be graded.

    Raises:
        ClusterError: there is no scheduler, it has no workers, or they cannot grade.
    """
    try:
        client: Any = Client(address, timeout=CONNECT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error}). Start one in the course's folder: "
            "python -m dask scheduler"
        ) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise ClusterError(
                f"The scheduler at {address} has no workers. On each machine, in the course's "
                f"folder: python -m dask worker {address} --nthreads 1 --nworkers N"
            )
        by_future = {client.submit(grade, job, pure=False, retries=1): job for job in jobs}
        for future in as_completed(list(by_future)):  # type: ignore[no-untyped-call]
            try:
                yield future.result()
            except KilledWorker:
                yield failed(by_future[future], "Every worker that graded it has died.")
            except Exception as error:  # `grade` raises nothing: this is the cluster's
                raise ClusterError(
                    f"The cluster cannot grade ({type(error).__name__}: {str(error)[:200]}). Its "
                    "scheduler and its workers need the same version of the course and of its "
                    "packages, and are started in the course's folder by: python -m dask"
                ) from None
