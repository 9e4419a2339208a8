"""What the tests of grading share."""

from collections.abc import Iterator

import pytest

from grading.candidate import Candidate
from grading.sandbox import why_not

PROBLEM = why_not()


@pytest.fixture(scope="session")
def sandbox_works() -> None:
    """Skip where no sandbox can be made, and say why; `.ci/run` sees to it that one can."""
    if PROBLEM:
        pytest.skip(PROBLEM)


@pytest.fixture
def candidate(sandbox_works: None) -> Iterator[Candidate]:
    """A candidate without files."""
    made = Candidate()
    yield made
    made.stop()
