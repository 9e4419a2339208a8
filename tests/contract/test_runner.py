"""runner.run: pytest within this process, which may be pytest itself or a kernel."""

import logging
import os
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from mixtape.contract.runner import run


@pytest.fixture
def good(faulty: ModuleType, without_sockets: Callable[[Any], str]) -> str:
    """The base URL of a backend that keeps the contract."""
    return without_sockets(faulty.Backend())


def surroundings() -> dict[str, Any]:
    """What a program would miss, or find changed, if a run left traces."""
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109
        "arguments": list(sys.argv),
        "path": list(sys.path),
        "finders": list(sys.meta_path),
        "modules": set(sys.modules),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook),
        "filters": list(warnings.filters),
        "handlers": list(logging.getLogger().handlers),
        "level": logging.getLogger().level,
        "threads": threading.active_count(),
    }


def test_it_leaves_no_traces_and_prints_nothing(
    good: str, capfd: pytest.CaptureFixture[str]
) -> None:
    run(good)  # imports the rules
    before = surroundings()
    results = run(good)
    assert surroundings() == before
    assert capfd.readouterr() == ("", "")
    assert {result.outcome for result in results} == {"passed"}


def test_settings_of_another_pytest_do_not_matter(
    good: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert run(good, only=["GET /health"])[0].outcome == "passed"
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["conftest.py", "pytest.ini"]


def test_results_belong_to_their_own_run(
    faulty: ModuleType, without_sockets: Callable[[Any], str]
) -> None:
    outcomes = [
        run(without_sockets(faulty.Backend(fault)), only=["GET /health"])[0].outcome
        for fault in ("", "health is a word", "")
    ]
    assert outcomes == ["passed", "failed", "passed"]


def test_only_takes_whole_words(good: str) -> None:
    everything = [result.rule for result in run(good)]
    posts = [result.rule for result in run(good, only=["POST /tracks"])]
    assert posts == [rule for rule in everything if rule.startswith("POST /tracks ")]
    lists = [result.rule for result in run(good, only=["GET /tracks"])]
    assert lists
    assert not [rule for rule in lists if rule.startswith(("GET /tracks/", "GET /tracks?"))]
    both = run(good, only=["DELETE", "GET /health answers 200"])
    assert {result.rule.split()[0] for result in both} == {"DELETE", "GET"}


def test_what_cannot_be_tested_is_said(good: str) -> None:
    with pytest.raises(ValueError, match="no rule begins with 'GET /trackz'"):
        run(good, only=["GET /tracks", "GET /trackz"])
    with pytest.raises(ValueError, match="there is no level 'gold'; the levels are: core"):
        run(good, levels=["gold"])
    with pytest.raises(ConnectionError, match="is not a base URL"):
        run("127.0.0.1:8000")


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionError, match="is the backend running there"):
            run(f"http://127.0.0.1:{unused.getsockname()[1]}")


def test_an_interrupt_ends_the_run(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mixtape.contract.exchange.Client.get", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(good)


def test_a_rule_that_is_broken_itself_is_no_silent_pass(
    good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("mixtape.contract.exchange.Exchange.must_be")
    results = run(good, only=["GET /health"])
    assert [result.outcome for result in results] == ["failed"]
    assert "AttributeError" in results[0].got


def test_without_threads_what_happens_at_once_happens_in_turn(
    good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_threads(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_threads)
    results = run(good)
    at_once = [result for result in results if "two-requests-at-once" in result.where]
    assert at_once
    assert {result.outcome for result in results} == {"passed"}


def test_it_runs_in_another_thread(good: str) -> None:
    outcomes: list[str] = []

    def work() -> None:
        outcomes.extend(result.outcome for result in run(good, only=["DELETE"]))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert set(outcomes) == {"passed"}


def test_an_answer_that_never_comes_is_a_broken_rule(
    monkeypatch: pytest.MonkeyPatch, without_sockets: Callable[[Any], str], faulty: ModuleType
) -> None:
    import requests

    backend = faulty.Backend()

    def silent(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["REQUEST_METHOD"] == "DELETE":
            raise requests.ReadTimeout(f"at {time.time()}")
        return backend(environ, start_response)

    results = run(without_sockets(silent), only=["DELETE /tracks/{id} answers 204"])
    assert [result.outcome for result in results] == ["failed"] * len(results)
    assert results[0].got == "no answer within 10 seconds"
    assert results[0].sent == "DELETE /tracks/{id}"
