"""nbgrader's settings for this course.

nbgrader reads this file when it is started in this folder (`cd grading`, then `nbgrader …`), and
the course's own commands, which make the exercises and grade, read the same settings.
"""

import os
import sys
from pathlib import Path

from workbench.kernels import kernel_settings

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (nbgrader puts it here)

_GRADING = Path(__file__).resolve().parent

# nbgrader calls the program `alembic` by its name. It is beside this Python, and on nobody's
# search path when the environment is not activated.
_PROGRAMS = str(Path(sys.executable).parent)
if _PROGRAMS not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([_PROGRAMS, os.environ.get("PATH", "")])

# A section is an assignment: solutions/02_advantages/01_flask.ipynb is notebook 01_flask of
# assignment 02_advantages. Exercises are made from solutions and never edited.
c.CourseDirectory.course_id = "is-python-good-for-backend"
c.CourseDirectory.root = str(_GRADING.parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# Everything that nbgrader keeps for itself is in this folder, and git ignores it. The slash is
# right on Windows too: nbgrader puts these names into regular expressions.
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.source_with_tests_directory = "grading/source_with_tests"
c.CourseDirectory.db_url = f"sqlite:///{(_GRADING / 'gradebook.db').as_posix()}"

# What a learner finds where the worked answer was.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}

# What learners wrote runs in a sandbox, and checks outside of it; the others are nbgrader's own.
# Where no sandbox can be made, nothing is run.
if str(_GRADING.parent) not in sys.path:
    sys.path.insert(0, str(_GRADING.parent))
c.Autograde.autograde_preprocessors = [
    "grading.execute.ExaminedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# As long as `python course.py check` waits for a cell.
c.Execute.timeout = c.ExaminedExecute.timeout = 60

# A learner's text may hold HTML, which a browser would run with the rights of whoever marks.
c.HTMLExporter.sanitize_html = True

# Kernels are reached through files where there are such: ports may be taken meanwhile.
c.merge(kernel_settings())

# A deleted check counts as failed instead of leaving the exam with fewer points.
c.OverwriteCells.add_missing_cells = True

# nbgrader gives a check cell 0 points when anything was written to stderr while it ran: a log
# line or a deprecation warning of a right answer is enough. So stderr is dropped from every
# cell before the points are counted; an error is kept, because it is not a stream.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = ".*"
