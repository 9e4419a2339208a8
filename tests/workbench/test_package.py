"""The package as a whole."""

import subprocess
import sys

import pytest

import workbench


@pytest.mark.parametrize("name", workbench.__all__)
def test_every_public_name_is_there_and_explained(name: str) -> None:
    thing = getattr(workbench, name)
    assert thing.__doc__
    assert name in dir(workbench)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'server'"):
        workbench.server  # noqa: B018


def test_importing_it_imports_nothing_heavy() -> None:
    code = (
        "import sys, workbench; "
        "print({'requests', 'flask', 'uvicorn', 'matplotlib', 'pytest', 'IPython', 'psutil'} "
        "& set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
