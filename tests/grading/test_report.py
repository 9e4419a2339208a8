"""What the reports say: hardest tasks first, commonest wrong answers, nobody's zero by mistake."""

import csv
import io

import pytest
from bs4 import BeautifulSoup

from grading.intake import Learner
from grading.release import Release, ReleasedNotebook, Task
from grading.report import (
    Report,
    TaskResult,
    feedback_page,
    grades_csv,
    hardest,
    number,
    summary_page,
    table,
)

EASY, HARD = Task("easy", "Task 1: Easy", ("easy",)), Task("hard", "Task 2: Hard", ("hard",))
NOTEBOOK = ReleasedNotebook("apps", "Apps", (EASY, HARD), (), {})
RELEASE = Release("01_small", (NOTEBOOK,), {})


def report(name: str, *points: float | None, message: str = "", **more: object) -> Report:
    tasks = [
        TaskResult("apps", task, got, 4, message if got != 4 else "")
        for task, got in zip((EASY, HARD), points, strict=False)
    ]
    return Report(Learner(name, name), tasks=tasks, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.0, "0"), (7.0, "7"), (7.25, "7.25"), (10.0, "10")]
)
def test_points_as_text(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_grade_that_is_not_there_is_empty() -> None:
    reports = [
        report("Ada", 4, 4),
        report("Bob", 4, None),
        report("Cy", problems=["damaged"]),
        report("Dee", 0, 0),
    ]
    assert [report.state for report in reports] == ["graded", "by hand", "not graded", "graded"]
    rows = list(csv.reader(io.StringIO(grades_csv(RELEASE, reports))))
    assert [(row[0], row[-1]) for row in rows[1:]] == [
        ("Ada", "8"),
        ("Bob", ""),
        ("Cy", ""),
        ("Dee", "0"),
    ]


def test_no_cell_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@x", "\t=1"]
    rows = list(
        csv.reader(io.StringIO(grades_csv(RELEASE, [report(name, 4, 4) for name in names])))
    )
    assert [row[0] for row in rows[1:]] == [f"'{name}" for name in names]


def test_the_hardest_task_is_first_with_its_commonest_wrong_answers() -> None:
    reports = [
        report("Ada", 4, 0, message="expected 7, got 8"),
        report("Bob", 4, 0, message="expected 9, got 10"),
        report("Cy", 0, 0, message="no object"),
        report("Dee", 4, 4),
        report("Eva", 0, 0, missing=["apps"]),  # nobody's wrong answer
        report("Fay", 4, None, message="waits"),
    ]
    first, second = hardest(reports)
    assert (first.task.task, second.task.task) == (HARD, EASY)
    assert (first.full, first.count, first.mean) == (1, 4, 0.25)
    assert [(message, count) for message, count, _ in first.answers] == [
        ("expected 7, got 8", 2),
        ("no object", 1),
    ]
    assert [who.learner.name for who in first.answers[0][2]] == ["Ada", "Bob"]


def test_the_summary_has_a_bar_for_everybody_who_was_graded() -> None:
    release = Release("01_small", (NOTEBOOK,), {})
    reports = [report("Ada", 4, 4), report("Bob", 0, 0), report("Cy", problems=["<b>damaged</b>"])]
    page = BeautifulSoup(summary_page(release, reports), "html.parser")
    assert "2 graded, 1 not graded." in " ".join(page.get_text().split())
    assert page.find("pre").get_text() == "<b>damaged</b>"
    assert page.find("b") is None
    counts = [span.get_text() for span in page.select(".bars span")]
    assert sum(map(int, counts)) == 2
    assert page.select_one(".bars")["aria-label"]


def test_a_learner_reads_what_the_check_said() -> None:
    page = BeautifulSoup(
        feedback_page(RELEASE, report("Ada", 4, 1, message="got <script>")), "html.parser"
    )
    assert page.find("script") is None
    assert "got <script>" in page.get_text()
    assert "5 of" in " ".join(page.get_text().split())


def test_the_table_says_what_is_special() -> None:
    lines = table(
        RELEASE,
        [
            report("Ada", 4, 4, late=True, penalty=2),
            report("Bob\x1b[2J", 4, 0, missing=["apps"]),
            report("Cy", problems=["apps.ipynb is damaged"]),
        ],
    )
    text = "\n".join(lines)
    assert "late, 2 points off" in text
    assert "not handed in: apps" in text
    assert "apps.ipynb is damaged" in text
    assert "\x1b" not in text
