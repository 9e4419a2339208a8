"""One run of the command that grades: takes in, grades, writes the gradebook, and tells."""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading.errors import OPEN, CannotGradeError
from grading.generate import course_config, record_assignment
from grading.gradebook import CourseGradebook, Task, back_up, fingerprint
from grading.grader import Job, Outcome, Settings
from grading.intake import Learner, Submission, take_in
from grading.release import Release, digest, packages_in, read_release, section_files
from grading.report import Report, TaskResult, feedback_page, grades_csv, summary_page, table
from grading.workers import Workers


class Run:
    """One run of the command.

    Args:
        options: of the command line, see `grading.grade`.
        desk: the folder that keeps all that grading makes; nobody else is at work in it.
    """

    def __init__(self, options: argparse.Namespace, desk: Path) -> None:
        """Get ready."""
        self.options = options
        self.section: str = options.section
        self.course: Path = options.course.resolve()
        self.desk = desk
        self.settings = Settings(options.seconds, 5 * options.seconds, not options.open)
        self.places = {
            name: desk / name for name in ("submitted", "autograded", "feedback", "results")
        }

    def go(self) -> int:
        """Grade and tell; returns 0, or 1 when somebody was not graded.

        Raises:
            CannotGradeError, GenerationError, RefusedError: nobody can be graded.
        """
        options = self.options
        if not 0 <= options.late_penalty <= 100 or options.seconds < 1 or options.workers < 1:
            raise CannotGradeError(
                "--late-penalty is from 0 to 100; --seconds and --workers, 1 or more."
            )
        files = section_files(self.course, self.section)
        with contextlib.ExitStack() as stack:
            if options.submissions and not options.scheduler:
                # They take seconds to warm up, in which there is other work to do.
                count = min(options.workers, _at_most(options.submissions))
                made = Workers(count, packages_in(files), sandboxed=not options.open)
                self.workers = stack.enter_context(made)
            reports, release = self._graded(files)
        if not reports:
            raise CannotGradeError(
                "Nobody has been graded yet. Name what was handed in: --submissions."
            )
        return self._tell(release, reports)

    def _graded(self, files: dict[str, bytes]) -> tuple[list[Report], Release]:
        config = course_config(self.course)
        for leftover in (*self.desk.glob(".taking-in-*"), *self.desk.glob(".graded-*")):
            shutil.rmtree(leftover)  # of a run that was killed
        path = self.desk / "gradebook.db"
        back_up(path)
        with CourseGradebook(path, config.CourseDirectory.course_id) as gradebook:
            self._record_release(gradebook, files)
            release = read_release(gradebook.nbgrader, self.section, files)
            if self.options.submissions:
                submissions = self._take_in(self.options.submissions)
                self._grade(submissions, release, gradebook)
            return self._reports(release, gradebook), release

    def _record_release(self, gradebook: CourseGradebook, files: dict[str, bytes]) -> None:
        if self.options.from_nothing:
            gradebook.forget(self.section)
        fingerprint = digest(files)
        if gradebook.released(self.section) == fingerprint:
            return
        print(f"Reading the tasks of {self.section} …", flush=True)
        record_assignment(self.course, self.section, gradebook.url)
        gradebook.nbgrader.db.expire_all()
        gradebook.mark_released(self.section, fingerprint)

    # --- taking in

    def _take_in(self, source: Path) -> list[Submission]:
        """Take in what was handed in, and keep it where nbgrader looks for it."""
        self.places["submitted"].mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".taking-in-", dir=self.desk) as name:
            submissions = take_in(source.resolve(), Path(name), self.section)
            for submission in submissions:
                if submission.refused:
                    continue
                kept = self.places["submitted"] / submission.learner.key / self.section
                kept.parent.mkdir(exist_ok=True)
                _exchange(submission.folder, kept)
                submission.folder = kept
        return submissions

    # --- grading

    def _grade(
        self, submissions: list[Submission], release: Release, gradebook: CourseGradebook
    ) -> None:
        bar = tqdm(
            total=len(submissions),
            unit="learner",
            bar_format="{desc}: {bar} {n_fmt} of {total_fmt} done{postfix}, {remaining} left",
            desc=self.section,
            dynamic_ncols=True,
            file=sys.stderr,
        )
        failures = 0

        def step(problems: Iterable[str]) -> None:
            nonlocal failures
            failures += any(problems)
            bar.set_postfix_str(f"{failures} failed", refresh=False)
            bar.update()

        jobs: dict[str, tuple[Submission, str]] = {}
        for submission in submissions:
            learner = submission.learner
            if submission.refused:
                told = _told(submission, [submission.refused])
                gradebook.remember(self.section, learner.key, "", told)
                step([submission.refused])
                continue
            files = _files(submission.folder)
            mark = self._fingerprint(release, files, submission)
            if not self.options.again and gradebook.graded_for(self.section, learner.key) == mark:
                step([])
                continue
            jobs[learner.key] = submission, mark
        with bar:
            for outcome in self._outcomes([submission for submission, _ in jobs.values()], release):
                submission, mark = jobs[outcome.learner]
                self._keep(submission, outcome, mark, gradebook)
                step(outcome.problems)

    def _fingerprint(
        self, release: Release, files: dict[str, bytes], submission: Submission
    ) -> str:
        parts = {"release": release.digest, "files": digest(files), "late": str(submission.late)}
        parts |= {"penalty": str(self.options.late_penalty), "open": str(self.options.open)}
        parts |= {"seconds": str(self.options.seconds)}
        return fingerprint(parts)

    def _outcomes(self, submissions: list[Submission], release: Release) -> Iterator[Outcome]:
        made = (
            Job(submission.learner.key, _files(submission.folder), release, self.settings)
            for submission in submissions
        )
        if self.options.scheduler:
            try:
                from grading.cluster import grade_on
            except ImportError:
                raise CannotGradeError(
                    "--scheduler needs the package distributed. Install it with: "
                    f"{sys.executable} -m pip install distributed"
                ) from None
            return grade_on(self.options.scheduler, made)
        problem = self.workers.problem() if submissions else ""
        if problem:
            raise CannotGradeError(
                f"{problem}\nNothing was run. To grade work that you trust without a sandbox, "
                f"add {OPEN}: it then runs with your rights, and beside the checks."
            )
        return self.workers.grade(made)

    def _keep(
        self, submission: Submission, outcome: Outcome, mark: str, gradebook: CourseGradebook
    ) -> None:
        learner = submission.learner
        part = self.options.late_penalty / 100 if submission.late else 0.0
        with tempfile.TemporaryDirectory(prefix=".graded-", dir=self.desk) as name:
            folder = Path(name, "folder")
            shutil.copytree(submission.folder, folder, ignore=shutil.ignore_patterns("*.ipynb"))
            for graded in outcome.notebooks:
                if graded.executed:
                    Path(folder, f"{graded.name}.ipynb").write_text(graded.executed, "utf-8")
            kept = self.places["autograded"] / learner.key / self.section
            kept.parent.mkdir(parents=True, exist_ok=True)
            _exchange(folder, kept)
        gradebook.record(
            self.section,
            learner,
            outcome,
            # What the machine could not do today, it tries again next time.
            fingerprint="" if outcome.problems else mark,
            told=_told(submission, outcome.problems, outcome, part),
            late_penalty=part,
        )

    # --- telling

    def _reports(self, release: Release, gradebook: CourseGradebook) -> list[Report]:
        reports = []
        for key, told in sorted(gradebook.remembered(self.section).items()):
            known = json.loads(told)
            if known["graded"] and not gradebook.knows(self.section, key):
                continue
            report = Report(
                Learner(key, **known["learner"]),
                known["problems"],
                known["notes"],
                known["missing"],
                known["late"],
            )
            if known["graded"]:
                report.penalty = gradebook.penalty(self.section, key, known["late_penalty"])
                found = gradebook.tasks(self.section, key)
                report.tasks = list(_results(release, found, known["messages"]))
            reports.append(report)
        return reports

    def _tell(self, release: Release, reports: list[Report]) -> int:
        for report in reports:
            page = self.places["feedback"] / report.learner.key / self.section / "index.html"
            _write(page, feedback_page(release, report))
        results = self.places["results"] / self.section
        _write(results / "grades.csv", grades_csv(release, reports))
        _write(results / "summary.html", summary_page(release, reports))
        for line in table(release, reports):
            print(line)
        ungraded = sum(bool(report.problems) for report in reports)
        waiting = sum(bool(report.by_hand) for report in reports)
        graded = len(reports) - ungraded - waiting
        print(f"\n{graded} graded, {waiting} waiting for a mark by hand, {ungraded} not graded.")
        print(f"Grades:    {_shown(results / 'grades.csv')}")
        print(f"Summary:   {_shown(results / 'summary.html')}")
        print(f"Feedback:  {_shown(self.places['feedback'])}")
        return 1 if ungraded else 0


def _at_most(source: Path) -> int:
    """Return how many submissions there can be, before they are looked at."""
    return max(1, len(list(source.iterdir()))) if source.is_dir() else sys.maxsize


def _results(
    release: Release, found: list[Task], messages: dict[str, dict[str, str]]
) -> Iterator[TaskResult]:
    by_cell = {(task.notebook, task.cell): task for task in found}
    for notebook in release.notebooks:
        said = messages.get(notebook.name, {})
        for task in notebook.tasks:
            cells = [by_cell[notebook.name, name] for name in task.cells]
            waits = any(cell.points is None for cell in cells)
            points, of = sum(cell.points or 0 for cell in cells), sum(cell.of for cell in cells)
            # Why the answer has no app says more than that there is none; and a visible check
            # says more than a hidden one.
            words = [said[name] for name in (task.name, *task.cells) if name in said]
            yield TaskResult(
                notebook.name,
                task,
                None if waits else points,
                of,
                words[0] if words and (waits or points < of) else "",
                "\n".join(filter(None, (cell.comment for cell in cells))),
            )


def _told(
    submission: Submission,
    problems: list[str],
    outcome: Outcome | None = None,
    late_penalty: float = 0,
) -> str:
    notebooks = outcome.notebooks if outcome else ()
    learner: dict[str, Any] = asdict(submission.learner)
    del learner["key"]
    told = {
        "learner": learner,
        "late": submission.late,
        "late_penalty": late_penalty,
        "problems": problems,
        "graded": outcome is not None,
        "notes": [*submission.notes, *(note for graded in notebooks for note in graded.notes)],
        "missing": [graded.name for graded in notebooks if graded.missing],
        "messages": {graded.name: dict(graded.messages) for graded in notebooks},
    }
    return json.dumps(told, sort_keys=True)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _exchange(new: Path, old: Path) -> None:
    """Put a folder in the place of another; whenever this stops, there is one or the other."""
    aside = old.with_name(f".{old.name}.old")
    if aside.exists():
        shutil.rmtree(aside)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
