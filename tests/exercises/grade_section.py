"""Grades a section with nbgrader, as an instructor would: `python grade_section.py COURSE SECTION`.

COURSE is a folder with submissions. The last line printed is JSON: the points by exercise,
submission and check. Cells and checks run in one kernel, as they do for learners, and not apart as
they do for strangers' work: so this holds on every system. A submission named `without_remedy` is
graded without the course's remedy against stderr.
"""

import json
import logging
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nbgrader.api import Gradebook  # noqa: E402
from nbgrader.converters import Autograde, GenerateAssignment  # noqa: E402
from nbgrader.coursedir import CourseDirectory  # noqa: E402
from traitlets.config import Config  # noqa: E402

from grading.generate import course_config  # noqa: E402

WITHOUT_REMEDY = "without_remedy"


def convert(kind: type, config: Config) -> None:
    log = logging.getLogger("nbgrader")
    kind(coursedir=CourseDirectory(config=config, log=log), config=config, log=log).start()


def main(course: Path, section: str) -> None:
    shutil.copytree(ROOT / "solutions" / section, course / "solutions" / section)
    config = course_config(course)
    config.CourseDirectory.assignment_id = section
    del config.Autograde["autograde_preprocessors"]
    convert(GenerateAssignment, config)
    config.CourseDirectory.student_id_exclude = WITHOUT_REMEDY
    convert(Autograde, config)
    if (course / "grading" / "submitted" / WITHOUT_REMEDY).exists():
        config.CourseDirectory.student_id_exclude = ""
        config.CourseDirectory.student_id = WITHOUT_REMEDY
        config.IgnorePattern.enabled = False
        convert(Autograde, config)
    points: dict[str, dict[str, dict[str, float]]] = {}
    with Gradebook(config.CourseDirectory.db_url, config.CourseDirectory.course_id) as gradebook:
        for submission in gradebook.assignment_submissions(section):
            for notebook in submission.notebooks:
                of_exercise = points.setdefault(f"{section}/{notebook.name}", {})
                of_exercise[submission.student.id] = {
                    grade.name: grade.auto_score for grade in notebook.grades
                }
    print(json.dumps(points))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
