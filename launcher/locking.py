"""One installer at a time: an operating system's lock on a file."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import errno
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # Some network folders know no locks: going on without one is better than not at all.
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
        return True


@contextmanager
def only_one(path: Path, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock `path` for a block; the system frees it however the process ends.

    Parameters:
        path: the lock file; made when missing and left in place, because deleting it would
            let two processes hold two different files of the same name.
        on_wait: called once when another process holds the lock.

    Yields:
        The file descriptor. Handed to a child process on POSIX, the child holds the lock too.

    Raises:
        OSError: the file cannot be made or opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take(descriptor):
            on_wait()
            while not _take(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)
