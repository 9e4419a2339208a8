"""How worker processes are started. It imports next to nothing, so that it can come first."""

import contextlib
import signal
from collections.abc import Iterator
from multiprocessing import forkserver, get_all_start_methods, get_context
from typing import Any


def context() -> Any:
    """Return how processes are started: from one that has imported all, where that exists."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    chosen = get_context("forkserver")
    chosen.set_forkserver_preload(["grading.workers"])
    return chosen


def start_server() -> None:
    """Start the process from which others are forked, and let it import meanwhile."""
    if context().get_start_method() == "forkserver":
        with deaf():
            forkserver.ensure_running()


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: whoever started them ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
