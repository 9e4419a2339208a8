"""What grading has to tell: grades for the LMS, a page for each learner, one for instructors."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import mean, median

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grading.intake import Learner
from grading.release import Release
from grading.release import Task as ReleasedTask

BARS = 10  # of the distribution
COMMONEST = 3  # wrong answers that are shown of a task
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a text for a formula


@dataclass(frozen=True)
class TaskResult:
    """What a learner has got for one task.

    Attributes:
        notebook: its name.
        task: as it was released.
        points: None as long as a mark by hand is missing.
        of: how many there are.
        message: what its check has to say, if that failed.
        comment: what somebody wrote to the learner.
    """

    notebook: str
    task: ReleasedTask
    points: float | None
    of: float
    message: str = ""
    comment: str = ""


@dataclass
class Report:
    """What became of one learner.

    Attributes:
        learner: who.
        problems: why something was not graded.
        notes: what had to be put in order, or was left out.
        missing: the notebooks that were not handed in.
        late: whether it came late.
        penalty: points that lateness costs.
        tasks: what was graded.
    """

    learner: Learner
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    late: bool = False
    penalty: float = 0
    tasks: list[TaskResult] = field(default_factory=list)

    @property
    def by_hand(self) -> int:
        """How many tasks wait for a mark by hand."""
        return 0 if self.problems else sum(task.points is None for task in self.tasks)

    @property
    def points(self) -> float | None:
        """All points, or None as long as something was not graded."""
        if self.problems or self.by_hand:
            return None
        return max(0.0, sum(task.points or 0 for task in self.tasks) - self.penalty)

    @property
    def state(self) -> str:
        """In one or two words, what became of it."""
        if self.problems:
            return "not graded"
        return "by hand" if self.by_hand else "graded"


def grades_csv(release: Release, reports: Iterable[Report]) -> str:
    """Return the grades as a CSV file for the LMS they came from.

    From Moodle: its grading worksheet, which the assignment takes back ("Upload grading
    worksheet"). Moodle refuses one without the last column, and would remove the comments that it
    has if there were an empty column for them. From Canvas or from folders: the columns of a Canvas
    gradebook; other systems let one choose the columns. A grade that is not there yet stays empty,
    which no LMS takes for zero.
    """
    reports = list(reports)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if reports and all(report.learner.lms == "moodle" for report in reports):
        columns = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
        writer.writerow([*columns, "Last modified (grade)"])
        for report in reports:
            learner = report.learner
            row = [f"Participant {learner.lms_id}", learner.name, report.state]
            writer.writerow(map(_safe, [*row, number(report.points), number(release.points), ""]))
    else:
        columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        writer.writerow([*columns, release.section])
        for report in reports:
            learner = report.learner
            login = "" if learner.lms else learner.name
            row = [learner.name, learner.lms_id, "", login, "", number(report.points)]
            writer.writerow(map(_safe, row))
    return stream.getvalue()


def number(value: float | None) -> str:
    """Return points as text: 7, 7.25, or nothing."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def feedback_page(release: Release, report: Report) -> str:
    """Return the page for one learner, as HTML."""
    return _page("feedback.html", release=release, report=report)


@dataclass(frozen=True)
class Hard:
    """How a task went for the class.

    Attributes:
        task: what was asked.
        mean: the part of the points that learners got, 0 to 1.
        full: how many got all.
        count: how many handed it in.
        answers: what the checks said most often, how often, and to whom.
    """

    task: TaskResult
    mean: float
    full: int
    count: int
    answers: Sequence[tuple[str, int, Sequence[Report]]]


def hardest(reports: Iterable[Report]) -> list[Hard]:
    """Return the tasks, the hardest first, with the commonest of the wrong answers."""
    by_task: dict[tuple[str, str], list[tuple[Report, TaskResult]]] = defaultdict(list)
    for report in reports:
        for task in report.tasks:
            handed_in = task.notebook not in report.missing
            if task.points is not None and task.of and handed_in:
                by_task[task.notebook, task.task.name].append((report, task))
    found = []
    for results in by_task.values():
        groups: dict[str, list[tuple[Report, TaskResult]]] = defaultdict(list)
        for report, task in results:
            if task.message:
                groups[_alike(task.message)].append((report, task))
        common = sorted(groups.values(), key=len, reverse=True)[:COMMONEST]
        parts = [(task.points or 0) / task.of for _, task in results]
        found.append(
            Hard(
                results[0][1],
                mean(parts),
                sum(part >= 1 for part in parts),
                len(parts),
                [(group[0][1].message, len(group), [r for r, _ in group]) for group in common],
            )
        )
    return sorted(found, key=lambda hard: hard.mean)


def _alike(message: str) -> str:
    """Return what messages share that differ in their data alone."""
    return re.sub(r"[0-9a-f]{8,}|\d+(\.\d+)?", "#", message)


def summary_page(release: Release, reports: Sequence[Report]) -> str:
    """Return the instructor's page, as HTML."""
    graded = [report.points for report in reports if report.points is not None]
    parts = [points / release.points if release.points else 0 for points in graded]
    counts = Counter(min(int(part * BARS), BARS - 1) for part in parts)
    bars = [(place, counts[place]) for place in range(BARS)]
    return _page(
        "summary.html",
        release=release,
        reports=reports,
        states=Counter(report.state for report in reports),
        bars=bars,
        most=max(counts.values(), default=1),
        mean=mean(graded) if graded else None,
        median=median(graded) if graded else None,
        hardest=hardest(reports),
        width=100 // BARS,
    )


def table(release: Release, reports: Sequence[Report]) -> list[str]:
    """Return lines of text, one for each learner, with a total below."""
    width = max([len("learner"), *(len(report.learner.name) for report in reports)])
    width = min(width, 40)
    lines = [f"{'learner':{width}}  {'points':>8}  {'of':>5}  state"]
    for report in reports:
        name = "".join(char if char.isprintable() else "?" for char in report.learner.name)
        more = [f"{report.by_hand} to mark by hand" if report.by_hand else report.state]
        if report.late:
            more.append(f"late, {number(report.penalty)} points off" if report.penalty else "late")
        if report.missing:
            more.append(f"not handed in: {', '.join(report.missing)}")
        points, of = number(report.points) or "-", number(release.points)
        lines.append(f"{name[:width]:{width}}  {points:>8}  {of:>5}  {'; '.join(more)}")
        lines += [f"{'':{width}}    {problem}" for problem in report.problems]
    return lines


@cache
def _environment() -> Environment:
    # What learners wrote is shown as text, whatever it is.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = number
    return environment


def _page(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)
