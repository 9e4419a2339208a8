"""Grades a section: `python -m grading.grade SECTION --submissions PATH`.

What was handed in is taken in, put in order, run by workers and written into the gradebook, one
learner at a time. Stopped at any moment, the next run goes on: who was graded for the same work
and the same checks is not graded again.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from grading.errors import CannotGradeError
from grading.generate import COURSE, GenerationError, course_config, record_assignment
from grading.gradebook import CourseGradebook, Task, back_up, fingerprint
from grading.grader import Job, Outcome, Settings
from grading.intake import Learner, RefusedError, Submission, take_in
from grading.release import Release, digest, read_release, section_files
from grading.report import Report, TaskResult, feedback_page, grades_csv, summary_page, table
from grading.sandbox import why_not
from grading.workers import grade_here

OPEN = "--run-learners-code-with-my-rights"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code.

    0: everybody was graded. 1: somebody was not. 2: nobody could be. 130: stopped by Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    desk = options.course.resolve() / "grading"
    desk.mkdir(exist_ok=True)
    try:
        with FileLock(desk / ".lock", blocking=False):
            return _Run(options, desk).go()
    except Timeout:
        message = "Another grading run is at work on this gradebook. Wait until it has ended."
    except KeyboardInterrupt:
        print("\nStopped. Everybody who was graded stays graded.", file=sys.stderr)
        print("The same command goes on from here.", file=sys.stderr)
        return 130
    except (CannotGradeError, GenerationError, RefusedError) as error:
        message = str(error)
    print(message, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py grade",
        description="Grade a section: run what learners handed in, kept apart from everything "
        "else, and write the gradebook, grades.csv, a page for each learner and a summary.",
    )
    parser.add_argument("section", metavar="SECTION", help="for example 02_advantages")
    parser.add_argument(
        "--submissions",
        type=Path,
        metavar="PATH",
        help="a folder with a folder or an archive for each learner, an archive of such, or what "
        "Canvas or Moodle gives to download; without it, only the reports are written anew, for "
        "example after marks by hand",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many are graded at once (default: one for each processor)",
    )
    parser.add_argument(
        "--late-penalty",
        type=float,
        default=0,
        metavar="PERCENT",
        help="what part of the points lateness costs; who was late, Canvas says in its download",
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=60,
        metavar="N",
        help="how long a cell may run; a notebook may run five times as long (default: 60)",
    )
    parser.add_argument(
        "--again", action="store_true", help="grade everybody anew; marks by hand are kept"
    )
    parser.add_argument(
        "--from-nothing",
        action="store_true",
        help="forget the section's grades first, marks by hand included; needed when tasks were "
        "added or removed. The old gradebook stays in grading/backups",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask scheduler, such as tcp://host:8786: its workers grade, on their machines",
    )
    parser.add_argument(
        OPEN,
        action="store_true",
        dest="open",
        help="where there is no sandbox (macOS, Windows): a submission can then read, change and "
        "send away whatever you can, and give itself any points. Only for work that you trust",
    )
    parser.add_argument("--course", type=Path, default=COURSE, help=argparse.SUPPRESS)
    return parser


class _Run:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, desk: Path) -> None:
        self.options = options
        self.section: str = options.section
        self.course: Path = options.course.resolve()
        self.desk = desk
        self.settings = Settings(options.seconds, 5 * options.seconds, not options.open)
        self.places = {
            name: desk / name for name in ("submitted", "autograded", "feedback", "results")
        }

    def go(self) -> int:
        options = self.options
        if not 0 <= options.late_penalty <= 100 or options.seconds < 1 or options.workers < 1:
            raise CannotGradeError(
                "--late-penalty is from 0 to 100; --seconds and --workers, 1 or more."
            )
        files = section_files(self.course, self.section)
        if options.submissions and not options.open and not options.scheduler:
            problem = why_not()
            if problem:
                raise CannotGradeError(
                    f"{problem}\nNothing was run. To grade work that you trust without a sandbox, "
                    f"add {OPEN}: it then runs with your rights, and beside the checks."
                )
        config = course_config(self.course)
        for leftover in (*self.desk.glob(".taking-in-*"), *self.desk.glob(".graded-*")):
            shutil.rmtree(leftover)  # of a run that was killed
        path = self.desk / "gradebook.db"
        back_up(path)
        with CourseGradebook(path, config.CourseDirectory.course_id) as gradebook:
            self._record_release(gradebook, files)
            release = read_release(gradebook.nbgrader, self.section, files)
            if options.submissions:
                submissions = self._take_in(options.submissions)
                self._grade(submissions, release, gradebook)
            reports = self._reports(release, gradebook)
        if not reports:
            raise CannotGradeError(
                "Nobody has been graded yet. Name what was handed in: --submissions."
            )
        return self._tell(release, reports)

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
        return grade_here(made, min(self.options.workers, len(submissions)))

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


if __name__ == "__main__":
    sys.exit(main())
