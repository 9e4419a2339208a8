"""What the kernel of the browser edition is taught, as far as it can be tried on this Python."""

import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from mixtape.contract import exchange
from workbench import browser
from workbench.browser import NotInBrowser


class Shell:
    """The part of Pyodide's shell that is changed."""

    def __init__(self, tags: list[str]) -> None:
        parent = {"metadata": {"tags": tags}}
        self.kernel = SimpleNamespace(get_parent=lambda: parent)
        self.Completer = SimpleNamespace(use_jedi=True)
        self.input_transformers_cleanup: list[Any] = []
        self._last_traceback: dict[str, Any] | None = None

    def _showtraceback(self, kind: type, error: BaseException, lines: list[str]) -> None:
        self._last_traceback = {"ename": str(kind), "evalue": str(error), "traceback": lines}


def test_a_desktop_cell_becomes_a_sentence() -> None:
    shell = Shell(["desktop", "hide-input"])
    browser.prepare(shell)
    (transform,) = shell.input_transformers_cleanup
    assert transform(["1 / 0\n"]) == [f"print({browser.SKIPPED!r})\n"]


def test_other_cells_stay_as_they_are() -> None:
    shell = Shell([])
    browser.prepare(shell)
    assert shell.input_transformers_cleanup[0](["1 / 0\n"]) == ["1 / 0\n"]


def test_an_error_has_its_plain_name() -> None:
    shell = Shell([])
    browser.prepare(shell)
    shell._showtraceback(ZeroDivisionError, ZeroDivisionError("by zero"), [])
    assert shell._last_traceback is not None
    assert shell._last_traceback["ename"] == "ZeroDivisionError"


def test_nothing_is_refused_on_a_machine() -> None:
    browser.refuse("threads")


def test_a_refusal_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "IN_BROWSER", True)
    with pytest.raises(NotInBrowser, match=r"^Python in a browser has no threads: run ") as caught:
        browser.refuse("threads")
    assert caught.value._render_traceback_() == [f"NotInBrowser: {caught.value}"]


def test_deep_json_is_refused_as_on_a_machine() -> None:
    # In a process of its own: the json module is changed for good.
    program = """
import json
from workbench.browser import read_deep_json_in_python

read_deep_json_in_python()
print(json.loads('{"a": [1, 2.5, "x", null]}'), len(json.loads("[" + "[1]," * 2000 + "[]]")))
try:
    json.loads("[" * 90_000)
except RecursionError:
    print("too deep")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["{'a': [1, 2.5, 'x', None]} 2001", "too deep"], done.stderr


def test_without_threads_requests_are_sent_one_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise NotInBrowser("threads")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    sent: list[Any] = []
    assert exchange.at_once(lambda n: sent.append(n) or n, [1, 2, 3]) == [1, 2, 3]  # type: ignore
    assert sent == [1, 2, 3]
