"""Show the questions of a chapter, each with an answer to every option."""

import json
import random
import re
from pathlib import Path
from typing import Any

_ASKS_FOR_MATHJAX = re.compile(r"typeof MathJax !==? 'undefined'")
_MATHJAX_HOST = re.compile(r"https://cdn[^']*")

_FOLDER = Path("chapters", "quizzes")
_CHOICES = ("multiple_choice", "many_choice")
_TYPES = (*_CHOICES, "numeric", "string")
_NAMES = ("answer", "code", "value", "range", "type")  # what an option is called in a message


def quiz(name: str) -> None:
    """Show the questions of chapters/quizzes/<name>.json below the cell.

    The folder is looked for in the notebook's folder and those above it, then beside `workbench`.

    Raises FileNotFoundError when there is no such file, ValueError when a question is not in
    order, for instance when an option has no feedback.
    """
    file = _find(name)
    questions = _read(file)
    from IPython.display import display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz  # type: ignore[import-untyped]

    # jupyterquiz draws the names of its elements at random, which would change each output.
    state = random.getstate()
    random.seed(f"quiz {name}")
    try:
        with capture_output(stdout=False, stderr=False) as captured:
            display_quiz(
                questions,
                shuffle_questions=False,
                shuffle_answers=False,
                # its own orange is too light for white letters
                colors={"--jq-many-choice-bg": "#9a3412"},
            )
    finally:
        random.setstate(state)
    for output in captured.outputs:
        script = output.data.get("application/javascript")
        if script is not None:
            output.data["application/javascript"] = _without_formulas(script)
        display(output.data, metadata=output.metadata, raw=True)  # type: ignore[no-untyped-call]


def _without_formulas(script: str) -> str:
    """Return jupyterquiz's script without its way to set formulas; our questions have none.

    Where JupyterLab has a MathJax of its own, the script would fetch another one from a content
    delivery network, and tell that host who learns here.
    """
    if _ASKS_FOR_MATHJAX.search(script) is None:
        raise RuntimeError(
            "this jupyterquiz sets formulas in another way: look at its show_questions"
        )
    return _MATHJAX_HOST.sub("", _ASKS_FOR_MATHJAX.sub("false", script))


def _find(name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ValueError(f"the name of a quiz has letters, digits, - and _ only, not {name!r}")
    here = Path.cwd()
    places = [here, *here.parents, Path(__file__).resolve().parent.parent]
    for place in places:
        file = place / _FOLDER / f"{name}.json"
        if file.is_file():
            return file
    raise FileNotFoundError(
        f"there is no quiz {name!r}: {(_FOLDER / name).as_posix()}.json was looked for in this "
        f"folder and all folders above it"
    )


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        questions = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{file.name} is not JSON: {error}") from None
    if not isinstance(questions, list) or not questions:
        raise ValueError(f"{file.name} must hold a list of questions")
    for number, question in enumerate(questions, start=1):
        problem = _problem(question)
        if problem:
            raise ValueError(f"{file.name}, question {number}: {problem}")
    return questions


def _problem(question: Any) -> str | None:
    """Return what is wrong with a question, None when it is in order."""
    if not isinstance(question, dict) or not _is_text(question.get("question")):
        return 'the text is missing ("question")'
    kind, answers = question.get("type"), question.get("answers")
    if kind not in _TYPES:
        return f'"type" is {kind!r}; it must be one of {", ".join(_TYPES)}'
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        return '"answers" must be a list of options'
    for answer in answers:
        shown = next((answer[key] for key in _NAMES if key in answer), "")
        if not _is_text(answer.get("feedback")):
            return f'the option {shown!r} has no "feedback"'
        if kind in _CHOICES and not (
            _is_text(answer.get("answer")) or _is_text(answer.get("code"))
        ):
            return 'an option has no text ("answer")'
        if answer.get("type") != "default" and not isinstance(answer.get("correct"), bool):
            return f'the option {shown!r} needs "correct": true or false'
    right = sum(answer.get("correct") is True for answer in answers)
    if kind in _CHOICES and len(answers) < 2:
        return "it needs at least two options"
    if right == 0:
        return "no option is correct"
    if kind == "multiple_choice" and right > 1:
        return f'{right} options are correct: its type must be "many_choice"'
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
