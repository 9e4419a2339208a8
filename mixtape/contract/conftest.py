"""How pytest runs the contract: its options, its fixtures, and what a broken rule looks like."""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .data import Catalogue
from .exchange import Client, ContractFailure, reach
from .rules import FOLDER, LEVELS, check_level, page, sentence, topic
from .where import PAGES


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --base-url and --level."""
    group = parser.getgroup("Mixtape contract")
    with suppress(ValueError):  # the plugin pytest-base-url may have added the same option
        group.addoption("--base-url", metavar="URL", help="where the backend under test answers")
    group.addoption(
        "--level",
        action="append",
        metavar="LEVEL",
        help=f"a level to test, can be given more than once: {', '.join(LEVELS)} (default: core)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of this suite."""
    config.addinivalue_line(
        "markers", "where(topic): the topic of the course that explains the rule"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Stop with one sentence when the rules cannot be tested at all."""
    if config.getoption("help") or config.getoption("collectonly"):
        return
    base_url = config.getoption("base_url")
    if not base_url:
        raise pytest.UsageError("say which backend to test: --base-url http://127.0.0.1:8000")
    for level in config.getoption("level") or ():
        try:
            check_level(level)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
    trouble = reach(base_url)
    if trouble:
        raise pytest.UsageError(trouble)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the levels that were not asked for."""
    if collection_path.parent != FOLDER or collection_path.name not in LEVELS:
        return None
    if not config.getoption("base_url", default=None) and not config.getoption("collectonly"):
        return True  # pytest goes through all folders, and it is not the contract that is meant
    return collection_path.name not in (config.getoption("level") or ["core"]) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the rules in the order in which the course meets them."""
    order = {name: number for number, name in enumerate(PAGES)}
    items.sort(key=lambda item: order.get(topic(item), -1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell a broken rule by its sentence, what was sent, expected and got, and where to read."""
    report = yield
    told = {"rule": sentence(item), "where": page(item)}
    if call.excinfo is not None and report.failed:
        failure = _failure(item, call.excinfo.value)
        told |= {"sent": failure.sent, "expected": failure.expected, "got": failure.got}
        report.longrepr = "\n".join(f"{name:<9} {text}" for name, text in told.items())
    elif report.skipped and call.excinfo is not None:
        told["got"] = str(call.excinfo.value)
    report.user_properties.extend(told.items())
    return report


@pytest.fixture
def catalogue() -> Catalogue:
    """Make tracks that belong to this rule alone."""
    return Catalogue()


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Client:
    """Send requests to the backend under test."""
    base_url: Any = request.config.getoption("base_url")
    return Client(base_url)


def _failure(item: pytest.Item, error: BaseException) -> ContractFailure:
    # Anything else than a ContractFailure is an answer of a shape that the rule did not foresee.
    if isinstance(error, ContractFailure):
        return error
    client = getattr(item, "funcargs", {}).get("api")
    expected = "an answer that the contract describes"
    seen = f"{type(error).__name__}: {error}"
    if isinstance(client, Client) and client.exchanges:
        last = client.exchanges[-1]
        return ContractFailure(last.sent, expected, f"{last.got} ({client.shown(seen)})")
    return ContractFailure("nothing yet", expected, seen)
