"""Every rule of the contract is readable, and notices when it is broken."""

import re
from collections.abc import Callable
from itertools import groupby
from types import ModuleType
from typing import Any

import pytest

from mixtape.contract.rules import LEVELS
from mixtape.contract.runner import RuleResult, run
from mixtape.contract.where import PAGES
from workbench import serve


@pytest.fixture(scope="module")
def kept(faulty: ModuleType) -> list[RuleResult]:
    """The results of the backend without a fault, over HTTP."""
    with serve(faulty.Backend(), name="without a fault") as server:
        return run(server.url, LEVELS)


def test_a_backend_without_a_fault_keeps_every_rule(kept: list[RuleResult]) -> None:
    assert [result for result in kept if result.outcome != "passed"] == []
    assert len(kept) >= 120


def test_a_rule_is_a_sentence_that_begins_with_method_and_path(kept: list[RuleResult]) -> None:
    sentence = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /[a-z][^ ]*,? [a-z][^.]+")
    for result in kept:
        assert sentence.match(result.rule), result.id
        assert not result.rule.endswith("."), result.id
        assert len(result.rule) <= 100, result.id
    assert len({result.rule for result in kept}) == len(kept)


def test_rules_follow_the_course(kept: list[RuleResult]) -> None:
    # Topics that share a page stand side by side.
    pages = [page for page, _ in groupby(PAGES.values())]
    assert [page for page, _ in groupby(kept, lambda result: result.where)] == pages
    assert [level for level, _ in groupby(kept, lambda result: result.level)] == [*LEVELS]


def test_every_rule_has_a_fault_of_its_own(faulty: ModuleType, kept: list[RuleResult]) -> None:
    assert set(faulty.FAULTS) == {result.id for result in kept}
    assert len(set(faulty.FAULTS.values())) == len(faulty.FAULTS)


def test_a_fault_breaks_its_rule_and_no_other(
    rule: str, fault: str, faulty: ModuleType, without_sockets: Callable[[Any], str]
) -> None:
    results = run(without_sockets(faulty.Backend(fault)), LEVELS)
    broken = [result for result in results if result.outcome != "passed"]
    assert [result.id for result in broken] == [rule]
    (result,) = broken
    assert result.outcome == "failed"
    assert re.match("(GET|POST|PATCH|PUT|DELETE) /", result.sent)
    assert result.expected
    assert result.got
    assert result.expected != result.got
    assert result.where in PAGES.values()


def test_a_page_for_every_request_keeps_no_rule_but_the_one_about_secrets(
    without_sockets: Callable[[Any], str],
) -> None:
    results = run(without_sockets(answering("<h1>Welcome</h1>", "200 OK")), LEVELS)
    assert {result.outcome for result in results} == {"failed", "passed"}
    kept = [result.id for result in results if result.outcome == "passed"]
    assert kept == [f"{level}/test_errors.py::test_inside_not_shown" for level in LEVELS]


@pytest.mark.parametrize("body", ["null", "[]", "7", '"x"', "{}", '{"id": "a", "items": 3}'])
def test_odd_answers_break_rules_and_not_the_suite(
    body: str, without_sockets: Callable[[Any], str]
) -> None:
    backend = answering(body, "200 OK", POST="201 Created", DELETE="204 No")
    results = run(without_sockets(backend), LEVELS)
    assert {result.outcome for result in results} <= {"failed", "passed"}
    assert not [result for result in results if re.search(r"(Key|Type)Error", result.got)]


def answering(body: str, status: str, **statuses: str) -> Callable[..., list[bytes]]:
    """Return an app that always answers the same, with a status for each method."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        kind = [("Content-Type", "application/json")]
        start_response(statuses.get(environ["REQUEST_METHOD"], status), kind)
        return [body.encode()]

    return app
