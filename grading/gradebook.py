"""The course's gradebook: nbgrader's, changed in whole steps only, with a copy before each run.

What one learner has got is written in one transaction, with a mark of what it was given for.
Whenever the power goes, the next run finds each learner graded or not graded, and goes on.
"""

import contextlib
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, SAWarning, SQLAlchemyError

from grading.errors import CannotGradeError
from grading.grader import Outcome
from grading.intake import Learner

COPIES = 20  # of the gradebook that are kept

# Tables of ours beside nbgrader's: what was released, and what each learner was graded for.
OURS = """
CREATE TABLE IF NOT EXISTS course_release (section TEXT PRIMARY KEY, fingerprint TEXT);
CREATE TABLE IF NOT EXISTS course_graded (
    section TEXT, learner TEXT, fingerprint TEXT, told TEXT, PRIMARY KEY (section, learner)
);
"""


class GradebookError(CannotGradeError):
    """The gradebook cannot be used. The message says why and what to do."""


@dataclass(frozen=True)
class Task:
    """What a learner has got in one cell that gives points.

    Attributes:
        notebook, cell: which.
        points: given; None as long as a mark by hand is missing.
        of: how many there are.
        comment: for the learner.
    """

    notebook: str
    cell: str
    points: float | None
    of: float
    comment: str


class CourseGradebook:
    """The gradebook in a file, which is made when it is missing.

    Args:
        path: the file.
        course_id: as in nbgrader's settings.

    Raises:
        GradebookError: the file is no gradebook, or damaged.
    """

    def __init__(self, path: Path, course_id: str) -> None:
        """Open the gradebook."""
        self.path = path
        _look_over(path)
        self.url = f"sqlite:///{path.as_posix()}"
        try:
            self.nbgrader: Any = Gradebook(self.url, course_id)
            for statement in filter(str.strip, OURS.split(";")):
                self.nbgrader.db.execute(text(statement))
            self.nbgrader.db.commit()
        except DatabaseError as error:
            raise GradebookError(_damaged(path, error.orig)) from None

    def close(self) -> None:
        """Close the file."""
        self.nbgrader.close()

    def __enter__(self) -> Self:
        """Return the gradebook, which is closed with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    # --- what was released

    def released(self, section: str) -> str:
        """Return the fingerprint of a section as it is in the gradebook, or nothing."""
        return self._one("SELECT fingerprint FROM course_release WHERE section = :section", section)

    def mark_released(self, section: str, fingerprint: str) -> None:
        """Remember what a section's part of the gradebook was made from."""
        self.nbgrader.db.execute(
            text("INSERT OR REPLACE INTO course_release VALUES (:section, :fingerprint)"),
            {"section": section, "fingerprint": fingerprint},
        )
        self.nbgrader.db.commit()

    def forget(self, section: str) -> None:
        """Remove a section with all that was graded in it."""
        with contextlib.suppress(MissingEntry):
            self.nbgrader.remove_assignment(section)
        for table in ("course_release", "course_graded"):
            self.nbgrader.db.execute(
                text(f"DELETE FROM {table} WHERE section = :section"),  # noqa: S608 - two names
                {"section": section},
            )
        self.nbgrader.db.commit()

    # --- what was graded

    def graded_for(self, section: str, learner: str) -> str:
        """Return the fingerprint of what a learner was graded for, or nothing."""
        if not self.knows(section, learner):
            return ""
        query = "SELECT fingerprint FROM course_graded WHERE section = :section"
        return self._one(f"{query} AND learner = :learner", section, learner)

    def knows(self, section: str, learner: str) -> bool:
        """Tell whether nbgrader has a learner's submission; its own tools may have removed it."""
        try:
            self.nbgrader.find_submission(section, learner)
        except MissingEntry:
            return False
        return True

    def remembered(self, section: str) -> dict[str, str]:
        """Return what `record` and `remember` were told, by learner."""
        query = text("SELECT learner, told FROM course_graded WHERE section = :section")
        rows = self.nbgrader.db.execute(query, {"section": section})
        return dict(tuple(row) for row in rows)

    def remember(self, section: str, learner: str, fingerprint: str, told: str) -> None:
        """Keep what there is to tell of a learner who could not be graded."""
        self._remember(section, learner, fingerprint, told)
        self.nbgrader.db.commit()

    def _remember(self, section: str, learner: str, fingerprint: str, told: str) -> None:
        row = {"section": section, "learner": learner, "fingerprint": fingerprint, "told": told}
        statement = "INSERT OR REPLACE INTO course_graded VALUES "
        self.nbgrader.db.execute(
            text(f"{statement} (:section, :learner, :fingerprint, :told)"), row
        )

    def _one(self, query: str, section: str, learner: str = "") -> str:
        names = {"section": section, "learner": learner}
        found = self.nbgrader.db.execute(text(query), names).scalar()
        return str(found or "")

    def record(
        self,
        section: str,
        learner: Learner,
        outcome: Outcome,
        *,
        fingerprint: str,
        told: str,
        late_penalty: float = 0,
    ) -> None:
        """Write what a learner has got, all of it or nothing.

        A mark by hand stays. When the work has changed since, it is to be looked at again.

        Args:
            section: the assignment.
            learner: who.
            outcome: what was graded, of every notebook.
            fingerprint: of what it was given for.
            told: what `remembered` gives back.
            late_penalty: the part of the points that lateness costs, 0 to 1.
        """
        with self._at_once(), warnings.catch_warnings():
            # What nbgrader adds, it adds later than SQLAlchemy would like.
            warnings.simplefilter("ignore", SAWarning)
            gradebook = self.nbgrader
            key = learner.key
            same = _work(fingerprint) in (_work(self.graded_for(section, key)), "")
            gradebook.update_or_create_student(key, last_name=learner.name)
            gradebook.update_or_create_submission(section, key)
            by_name = {graded.name: graded for graded in outcome.notebooks}
            for notebook in gradebook.find_submission(section, key).notebooks:
                graded = by_name[notebook.name]
                for grade in notebook.grades:
                    points = graded.points[grade.name]
                    _give(grade, points, missing=graded.missing, same=same)
                for comment in notebook.comments:
                    comment.auto_comment = graded.comments.get(comment.name)
            gradebook.db.flush()
            self._penalize(section, key, late_penalty)
            self._remember(section, key, fingerprint, told)

    def _penalize(self, section: str, learner: str, part: float) -> float:
        """Write what lateness costs in each notebook; return the sum."""
        points = 0.0
        for notebook in self.nbgrader.find_submission(section, learner).notebooks:
            self.nbgrader.db.refresh(notebook)
            notebook.late_submission_penalty = notebook.score * part or None
            points += notebook.late_submission_penalty or 0
        return points

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[None]:
        """Make one transaction of what nbgrader would commit piece by piece."""
        session = self.nbgrader.db
        commit = session.commit
        session.commit = session.flush
        try:
            yield
        except (InvalidEntry, SQLAlchemyError) as error:
            session.commit = commit
            session.rollback()
            raise GradebookError(
                f"{self.path} could not be written ({error}). No grade was changed by that. "
                "Mend what is named, and run the same command again."
            ) from None
        except BaseException:
            session.commit = commit
            session.rollback()
            raise
        session.commit = commit
        session.commit()

    # --- what there is to tell

    def tasks(self, section: str, learner: str) -> list[Task]:
        """Return what a learner has got, cell by cell."""
        submission = self.nbgrader.find_submission(section, learner)
        self.nbgrader.db.refresh(submission)
        found = []
        for notebook in submission.notebooks:
            comments = {comment.name: comment.comment or "" for comment in notebook.comments}
            for grade in notebook.grades:
                points = None if grade.needs_manual_grade else float(grade.score)
                comment = comments.get(grade.name, "")
                of = float(grade.max_score)
                found.append(Task(notebook.name, grade.name, points, of, comment))
        return found

    def penalty(self, section: str, learner: str, part: float) -> float:
        """Return the points that lateness costs a learner, those given by hand meanwhile included.

        Args:
            section: the assignment.
            learner: whose.
            part: of the points, 0 to 1.
        """
        points = self._penalize(section, learner, part)
        self.nbgrader.db.commit()
        return points


def _give(grade: Any, points: float | None, *, missing: bool, same: bool) -> None:
    # nbgrader's SaveAutoGrades has every mark by hand looked at again, also for the same work.
    grade.auto_score = points
    if grade.manual_score is None or missing:
        grade.needs_manual_grade = points is None and not missing
    elif not same:
        grade.needs_manual_grade = True


def back_up(path: Path) -> Path | None:
    """Copy the gradebook into the folder `backups` beside it; return the copy, if there is one.

    Raises:
        GradebookError: it is damaged.
    """
    if not path.exists():
        return None
    _look_over(path)
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    copy = folder / f"{path.stem}-{datetime.now():%Y-%m-%d-%H%M%S-%f}.db"
    unfinished = copy.with_suffix(".unfinished")
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(unfinished)) as target,
    ):
        source.backup(target)
    unfinished.replace(copy)
    for old in sorted(folder.glob(f"{path.stem}-*.db"))[:-COPIES]:
        old.unlink()
    return copy


def _look_over(path: Path) -> None:
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            (found,) = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise GradebookError(_damaged(path, found))


def _damaged(path: Path, why: object) -> str:
    copies = sorted((path.parent / "backups").glob("*.db"))
    rest = f"The latest copy: {copies[-1]}" if copies else "There is no copy of it."
    return f"{path} is no gradebook that can be used ({why}). Move it away. {rest}"


def fingerprint(parts: Mapping[str, str]) -> str:
    """Return one text for what a grade depends on."""
    return " ".join(f"{name}:{value}" for name, value in sorted(parts.items()))


def _work(mark: str) -> str:
    """Return what a fingerprint says of the files that were handed in."""
    return next((part for part in mark.split() if part.startswith("files:")), "")
