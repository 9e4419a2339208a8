"""Run the contract inside this process, and return what each rule gave. Nothing is printed."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast

import pytest

from .exchange import reach
from .rules import FOLDER, check_level, sentence

Outcome = Literal["passed", "failed", "error", "skipped"]

# Who runs the contract, perhaps pytest itself or the kernel of a notebook, keeps its own standard
# streams, loggers, warnings and hooks: the parts of pytest that replace them stay off.
_OFF = """
    assertion cacheprovider capture debugging doctest faulthandler junitxml legacypath logging
    pastebin recwarn setuponly setupplan stepwise subtests terminal threadexception tmpdir
    unittest unraisableexception warnings
"""


@dataclass(frozen=True)
class RuleResult:
    """What one rule of the contract gave.

    Attributes:
        id: names the rule for programs: level/file::function.
        level: the level that it belongs to, for example ``core``.
        rule: the rule as a sentence, beginning with method and path.
        outcome: ``failed`` when the backend breaks the rule, ``error`` when the rule itself could
            not be carried out.
        sent: the request that broke the rule; empty when it passed, as are the next two.
        expected: what the contract asks for.
        got: what came back; for a skipped rule, why it was skipped.
        where: page and anchor of the course that explain it.
    """

    id: str
    level: str
    rule: str
    outcome: Outcome
    sent: str
    expected: str
    got: str
    where: str


def run(
    base_url: str, levels: Sequence[str] = ("core",), only: Sequence[str] = ()
) -> list[RuleResult]:
    """Test a backend and return one result for each rule, in the order of the course.

    Args:
        base_url: where the backend answers, for example ``http://127.0.0.1:8000``.
        levels: the levels to test.
        only: beginnings of rule sentences, in whole words: ``POST /tracks`` means the rules of
            that path, and not those of ``POST /tracks/{id}``. Empty for all rules.

    Raises:
        ConnectionError: when nothing answers at the base URL.
        ValueError: when a level does not exist, or no rule begins with one of `only`.
    """
    for level in levels:
        check_level(level)
    trouble = reach(base_url)
    if trouble:
        raise ConnectionError(trouble)
    collector = _Collector(only)
    arguments = ["-c", str(FOLDER / "pytest.ini"), "--rootdir", str(FOLDER)]
    arguments += ["--disable-plugin-autoload", "--base-url", base_url]
    arguments += [argument for name in _OFF.split() for argument in ("-p", f"no:{name}")]
    arguments += [argument for level in levels for argument in ("--level", level)]
    with _environment_kept():
        code = pytest.main([*arguments, str(FOLDER)], plugins=[collector])
    if code == pytest.ExitCode.INTERRUPTED and not collector.trouble:
        raise KeyboardInterrupt
    if collector.trouble or code not in (
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        raise RuntimeError(f"the contract could not be run: {collector.trouble or code}")
    collector.check_only()
    return collector.results


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Hide the variables that steer another pytest, and put them back as they were."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in kept:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(kept)


class _Collector:
    """The plugin that chooses rules and gathers their results."""

    def __init__(self, only: Sequence[str]) -> None:
        self.only = only
        self.unused = set(only)
        self.results: list[RuleResult] = []
        self.trouble = ""

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if self.only:
            items[:] = [item for item in items if self._chosen(sentence(item))]

    def _chosen(self, rule: str) -> bool:
        begins = [start for start in self.only if f"{rule} ".startswith(f"{start.strip()} ")]
        self.unused.difference_update(begins)
        return bool(begins)

    def check_only(self) -> None:
        if self.unused:
            raise ValueError(f"no rule begins with {' or '.join(map(repr, sorted(self.unused)))}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A rule has three phases; those around the call matter only when they go wrong.
        if report.when != "call" and report.passed:
            return
        told = dict(cast(list[tuple[str, str]], report.user_properties))
        outcome: Outcome = report.outcome
        if report.failed and report.when != "call":
            outcome = "error"
        self.results.append(
            RuleResult(
                id=report.nodeid,
                level=report.nodeid.partition("/")[0],
                rule=told.get("rule", ""),
                outcome=outcome,
                sent=told.get("sent", ""),
                expected=told.get("expected", ""),
                got=told.get("got", ""),
                where=told.get("where", ""),
            )
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = report.longreprtext

    def pytest_internalerror(self, excrepr: object) -> bool:
        self.trouble = str(excrepr)
        return True  # told through RuntimeError, not printed
