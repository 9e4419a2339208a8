"""A submission is executed in two places, and a cell that goes wrong costs its own task alone."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading import execute
from grading.execute import ExaminedExecute

APP = """
def {name}(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"{body}"]
"""
CHECK = """
http = connect("{name}")
response = http.get("/")
assert response.text == "right", explain(response, "the word right", "What does the app return?")
"""


def app(name: str, body: str = "right") -> str:
    return APP.format(name=name, body=body)


def solution(source: str, task: str) -> Any:
    return cell(source, task, grade=False, solution=True)


def check(name: str) -> Any:
    return cell(CHECK.format(name=name), f"{name}_check", grade=True, solution=False)


def cell(source: str, name: str, **kind: bool) -> Any:
    made = new_code_cell(source)
    made.metadata["nbgrader"] = {
        "grade_id": name,
        "locked": kind["grade"],
        "schema_version": 3,
        "points": 1,
        "task": False,
        **kind,
    }
    return made


@pytest.fixture
def run(sandbox_works: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Execute cells; return for each check the text of its error, or nothing."""

    def run(*cells: Any, checks: dict[str, str] | None = None, seconds: int = 20) -> list[str]:
        released = {
            made.metadata.nbgrader.grade_id: made.source
            for made in cells
            if "nbgrader" in made.metadata
        }
        monkeypatch.setattr(execute, "_checks", lambda _: released | (checks or {}))
        notebook = new_notebook(cells=[new_markdown_cell("x"), *cells])
        preprocessor = ExaminedExecute(timeout=seconds)
        resources = {"nbgrader": {}, "metadata": {"path": str(tmp_path)}}
        notebook, _ = preprocessor.preprocess(notebook, resources)
        nbformat.validate(notebook)
        return [
            "".join(o.get("evalue", "") or o.ename for o in made.outputs if "ename" in o)
            for made in notebook.cells
            if made.get("metadata", {}).get("nbgrader", {}).get("grade")
        ]

    return run


def test_right_and_wrong(run) -> None:
    good, bad, missing = run(
        solution(app("one"), "a"),
        check("one"),
        solution(app("two", "wrong"), "b"),
        check("two"),
        solution("", "c"),
        check("three"),
    )
    assert good == ""
    assert "expected: the word right" in bad.lower()
    assert "there is no object called 'three'" in missing


@pytest.mark.parametrize(
    "trouble",
    [
        "1 / 0",
        "while True: pass",
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "while True: pass",
        "import sys; sys.exit()",
        "x = b'x' * (3 * 2**30)",
        "import os\nos.closerange(3, 100)",
    ],
)
def test_a_cell_that_goes_wrong_costs_its_own_task(
    run, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grading.candidate.GRACE", 1.0)
    results = run(
        solution(app("one"), "a"),
        solution(f"{trouble}\n{app('two')}", "b"),
        check("two"),
        solution(app("three"), "c"),
        check("one"),
        check("three"),
        seconds=1,
    )
    assert results[1:] == ["", ""]
    if "sys.exit" not in trouble:
        assert results[0]


def test_an_app_that_ends_its_process_costs_its_own_task(run) -> None:
    deadly = "import os\ndef one(environ, start_response):\n    os._exit(1)\n"
    first, second = run(
        solution(deadly, "a"), check("one"), solution(app("two"), "b"), check("two")
    )
    assert first
    assert second == ""


def test_checks_run_as_they_were_released(run) -> None:
    mine = check("one")
    released = mine.source
    mine.source = "print('I have passed')"
    (result,) = run(solution(app("one", "wrong"), "a"), mine, checks={"one_check": released})
    assert "the word right" in result


CHEATS = {
    "requests": "import requests\n"
    "class Fake:\n    text = 'right'\n    status_code = 200\n"
    "requests.Session.get = requests.get = lambda *a, **k: Fake()",
    "assert": "import builtins\nbuiltins.AssertionError = type('E', (Exception,), {})",
    "connect": "import workbench\nworkbench.connect = lambda name: 1 / 0",
    "equality": "class Any(str):\n    def __eq__(self, other): return True\n"
    "    def __hash__(self): return 0\nright = Any('x')",
    "outputs": "get_ipython().run_cell = lambda *a, **k: None",
    "memory": "import gc\nfound = [o for o in gc.get_objects() if 'HIDDEN' in repr(o)[:99]]",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_a_learner_patches_changes_no_mark(run, cheat: str) -> None:
    results = run(solution(f"{CHEATS[cheat]}\n{app('one', 'wrong')}", "a"), check("one"))
    assert results != [""]


def test_nothing_is_left_from_one_submission_to_the_next(run) -> None:
    leak = check("one")
    leak.source = "kept = 1\nassert True"
    assert run(solution(app("one"), "a"), leak) == [""]
    look = check("one")
    look.source = "assert 'kept' not in globals()"
    assert run(solution(app("one"), "a"), look) == [""]


def test_output_past_the_shell_is_cut_for_the_whole_notebook(run) -> None:
    """A candidate tells of outputs that its shell has never seen, again and again."""
    lie = (
        "import json, os\n"
        "from grading.sandboxed import candidate\n"
        "text = {'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 700_000}\n"
        "candidate._say = lambda grader, answer: grader.sendall(\n"
        "    json.dumps({'outputs': [text], 'problem': ''}).encode() + b'\\n'\n"
        ")\n"
    )
    cells = [solution(lie, "a"), solution("1", "b"), solution("1", "c")]
    run(*cells)
    said = [sum(len(o.get("text", "")) for o in cell.outputs) for cell in cells]
    assert sum(said) < 1_200_000
    assert "cut" in cells[1].outputs[0].text


def test_a_check_that_does_not_end_is_stopped(run) -> None:
    forever = check("one")
    forever.source = "while True: pass"
    results = run(solution(app("two"), "a"), forever, check("two"), seconds=1)
    assert "too long" in results[0]
    assert results[1] == ""
