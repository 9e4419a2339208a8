"""How the kernels of notebooks are reached when programs run them: checks, grading, tests."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from traitlets.config import Config


def kernel_settings() -> Config:
    """Return settings by which a kernel is reached through files instead of TCP ports.

    A port that was free when the kernel was told of it may be taken by the time the kernel opens
    it, and what it runs makes many connections. Windows has no such files: there nothing is set.
    """
    if os.name != "posix":
        return Config()
    place = Path(tempfile.mkdtemp(prefix="kernel-"), "k")
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    return Config({"KernelManager": {"transport": "ipc", "ip": str(place)}})
