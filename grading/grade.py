"""Grades a section: `python -m grading.grade SECTION --submissions PATH`.

What was handed in is taken in, put in order, run by workers and written into the gradebook, one
learner at a time. Stopped at any moment, the next run goes on: who was graded for the same work
and the same checks is not graded again.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from grading.errors import OPEN, CannotGradeError
from grading.starting import start_server

COURSE = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code.

    0: everybody was graded. 1: somebody was not. 2: nobody could be. 130: stopped by Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    if options.submissions and not options.scheduler:
        start_server()  # it imports while this process does
    from grading.generate import GenerationError
    from grading.intake import RefusedError
    from grading.run import Run

    desk = options.course.resolve() / "grading"
    desk.mkdir(exist_ok=True)
    try:
        with FileLock(desk / ".lock", blocking=False):
            return Run(options, desk).go()
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


if __name__ == "__main__":
    sys.exit(main())
