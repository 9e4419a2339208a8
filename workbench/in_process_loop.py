"""An event loop that needs neither sockets nor threads, and that may run inside another one."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class OutOfTime(Exception):  # noqa: N818 - it reads as a sentence
    """What was waited for did not come in time, or nothing is left that could bring it."""


class _NoSockets:
    """Stands where an event loop asks the system for news of its sockets: there are none."""

    def __init__(self) -> None:
        self.until: float | None = None

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise OutOfTime  # nothing is due, and nobody else can wake this loop
        end = time.monotonic() + timeout
        # Not time.sleep(): in a browser that would let the outer loop run in between.
        while (now := time.monotonic()) < end or timeout == 0:
            if self.until is not None and now > self.until:
                raise OutOfTime
            if timeout == 0:
                break
        return []

    def close(self) -> None: ...


class Loop(asyncio.BaseEventLoop):
    """Runs coroutines to their end, one call after another; tasks live on between calls."""

    def __init__(self) -> None:
        """Make a loop. `end` closes it."""
        super().__init__()
        self._selector = _NoSockets()

    def call(self, coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run a coroutine and return its result, also while another event loop is running.

        Raises OutOfTime after `seconds`, or at once when everything waits for nothing.
        """
        self._selector.until = None if seconds is None else time.monotonic() + seconds
        outer = asyncio._get_running_loop()
        task = asyncio.current_task(outer) if outer else None
        if outer and task:
            asyncio.tasks._leave_task(outer, task)
        asyncio._set_running_loop(None)
        mine = self.create_task(coroutine)
        try:
            return self.run_until_complete(mine)
        finally:
            self._selector.until = None
            if not mine.done():
                mine.cancel()
            asyncio._set_running_loop(outer)
            if outer and task:
                asyncio.tasks._enter_task(outer, task)

    def end(self) -> None:
        """Cancel what is left and close the loop."""
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        if left:
            with suppress(OutOfTime):
                self.call(asyncio.wait(left), 1.0)
        self.close()

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Call the function here and now: there is no other thread."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _process_events(self, events: list[Any]) -> None: ...

    def _write_to_self(self) -> None: ...


def inline_threads() -> None:
    """Let AnyIO, which FastAPI runs `def` endpoints with, call them in place of using a thread.

    Only loops of this module are treated so; with others AnyIO does what it always did.
    """
    import anyio.to_thread

    run = anyio.to_thread.run_sync
    if getattr(run, "knows_no_threads", False):
        return

    async def run_sync(func: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if isinstance(asyncio.get_running_loop(), Loop):
            return func(*args)
        return await run(func, *args, **options)

    run_sync.knows_no_threads = True  # type: ignore[attr-defined]
    anyio.to_thread.run_sync = run_sync  # type: ignore[assignment]
