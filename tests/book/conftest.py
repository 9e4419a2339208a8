"""The book, built once for all the tests of this folder."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def book(root: Path, bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages. A warning of the build is an error."""
    output = tmp_path_factory.mktemp("book")
    command = [str(bin_folder / "jupyter-book"), "build", ".", "-W", "-n", "--keep-going"]
    command += ["--path-output", str(output)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return output / "_build" / "html"
