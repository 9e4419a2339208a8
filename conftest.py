"""Settings for every run of pytest in this folder; what tests share is in tests/conftest.py."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let nbval talk to its kernels through files instead of TCP ports, where there are such.

    nbval has no option for it. The chapters make thousands of connections, and now and then one of
    them has the port that a kernel was just told to open: the kernel dies.
    """
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return
    import nbval.kernel

    from workbench.kernels import kernel_settings

    manager = nbval.kernel.KernelManager

    def over_files(**options: object) -> object:
        return manager(config=kernel_settings(), **options)

    nbval.kernel.KernelManager = over_files
