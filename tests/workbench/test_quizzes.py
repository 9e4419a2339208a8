"""Questions are found, checked and shown in the same way each time."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench import quiz

GOOD: dict[str, Any] = {
    "question": "What does a server do?",
    "type": "multiple_choice",
    "answers": [
        {"answer": "It waits", "correct": True, "feedback": "Yes: for requests."},
        {"answer": "It asks", "correct": False, "feedback": "No: the client asks. Ünderstood?"},
    ],
}
NUMERIC: dict[str, Any] = {
    "question": "Which status says that nothing is there?",
    "type": "numeric",
    "answers": [
        {"type": "value", "value": 404, "correct": True, "feedback": "Yes."},
        {"type": "default", "feedback": "It begins with 4."},
    ],
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a quiz and go to a folder below chapters."""

    def write(*questions: Any, name: str = "flask") -> Path:
        folder = tmp_path / "chapters" / "quizzes"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.json"
        file.write_text(json.dumps(list(questions), ensure_ascii=False), encoding="utf-8")
        (tmp_path / "chapters" / "02_advantages").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "chapters" / "02_advantages")
        return file

    return write


def shown(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    monkeypatch.setenv("IPYTHONDIR", str(Path.cwd()))  # leave the history of this machine alone
    InteractiveShell.instance()
    with capture_output(stdout=False, stderr=False) as captured:
        quiz(name)
    InteractiveShell.clear_instance()
    return [list(output.data.values())[-1] for output in captured.outputs]


def test_it_is_shown_the_same_each_time_and_leaves_chance_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(GOOD, NUMERIC)
    write(GOOD, name="other")
    random.seed(1)
    expected = random.random()
    random.seed(1)
    first = shown("flask", monkeypatch)
    assert random.random() == expected
    assert shown("flask", monkeypatch) == first
    html, script = first
    assert 'data-shufflequestions="False"' in html
    assert 'data-shuffleanswers="False"' in html
    assert "No: the client asks." in script
    assert "https://" not in script, "a quiz asks no other host"
    assert "typeof MathJax" not in script
    assert shown("other", monkeypatch)[0].split('"')[1] != html.split('"')[1]


def test_it_is_found_from_a_notebook_in_a_chapter(write: Write, kernel: Any) -> None:
    folder = write(GOOD).parent.parent / "02_advantages"
    out = kernel.run(f"%cd -q {folder}\nfrom workbench import quiz\nquiz('flask')")
    assert (out["error"], out["stderr"]) == ("", "")


def test_a_missing_file(write: Write) -> None:
    write(GOOD)
    with pytest.raises(FileNotFoundError, match=r"no quiz 'django': chapters/quizzes/django\.json"):
        quiz("django")


@pytest.mark.parametrize("name", ["../flask", "a/b", "", "flask.json"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        quiz(name)


def without(question: dict[str, Any], key: str, option: int | None = None) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(question))
    del (copy if option is None else copy["answers"][option])[key]
    return copy


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (without(GOOD, "feedback", 1), "question 2: the option 'It asks' has no \"feedback\""),
        (without(NUMERIC, "feedback", 1), "the option 'default' has no \"feedback\""),
        (without(NUMERIC, "feedback", 0), 'the option 404 has no "feedback"'),
        (without(GOOD, "correct", 0), "the option 'It waits' needs \"correct\""),
        (without(GOOD, "answer", 0), "an option has no text"),
        (without(GOOD, "question"), "the text is missing"),
        (without(GOOD, "type"), '"type" is None'),
        (without(GOOD, "answers"), '"answers" must be a list'),
        ({**GOOD, "answers": GOOD["answers"][:1]}, "at least two options"),
        ({**GOOD, "answers": GOOD["answers"][1:] * 2}, "no option is correct"),
        ({**GOOD, "answers": GOOD["answers"][:1] * 2}, 'must be "many_choice"'),
        ("a text", "the text is missing"),
    ],
)
def test_questions_that_are_not_in_order(question: Any, words: str, write: Write) -> None:
    write(GOOD, question)
    with pytest.raises(ValueError, match=f"flask.json, question 2: .*{words.split(': ')[-1]}"):
        quiz("flask")


def test_files_that_hold_no_questions(write: Write) -> None:
    file = write()
    with pytest.raises(ValueError, match="must hold a list of questions"):
        quiz("flask")
    file.write_text("{")
    with pytest.raises(ValueError, match="is not JSON"):
        quiz("flask")
