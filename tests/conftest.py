"""What all the folders of tests share."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return ROOT


@pytest.fixture(scope="session")
def bin_folder() -> Path:
    """Where the environment's programs are."""
    return Path(sys.executable).parent
