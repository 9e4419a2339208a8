"""Settings for every run of pytest in this folder; what tests share is in tests/conftest.py."""

import os
import tempfile
import uuid

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let nbval talk to its kernels through files instead of TCP ports, where there are such.

    A kernel is told five free ports and opens them a second later. Meanwhile the chapters make
    thousands of connections, and now and then one of them has got such a port: the kernel dies.
    """
    asked = config.getoption("nbval", False) or config.getoption("nbval_lax", False)
    if not asked or os.name != "posix":
        return
    import nbval.kernel

    folder = tempfile.TemporaryDirectory(prefix="kernels-")
    config.add_cleanup(folder.cleanup)
    manager = nbval.kernel.KernelManager

    def over_files(**options: object) -> object:
        return manager(transport="ipc", ip=f"{folder.name}/{uuid.uuid4().hex[:8]}", **options)

    nbval.kernel.KernelManager = over_files
