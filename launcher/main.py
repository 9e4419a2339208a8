"""The command line of ``course.py``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher import environment as environments
from launcher.environment import Environment
from launcher.errors import CourseError, Terminated
from launcher.progress import Console
from launcher.running import raise_on_signals, run

ROOT = Path(__file__).resolve().parent.parent
TEST_OPTIONS: Sequence[str] = (
    *("-n", "2", "--dist", "loadfile"),
    *("--nbval", "--nbval-sanitize-with", "tests/notebooks/sanitize.cfg"),
)
TEST_PATHS: Sequence[str] = ("tests", "chapters", "solutions")

_EPILOG = """\
The first command makes the folder .venv and installs the packages that it needs into it; later
ones start at once. Outside this folder only the installer's cache changes. To start over, delete
.venv.

environment variables:
  COURSE_INSTALLER=uv|pip  install with this one (default: uv when it is on PATH, else pip)
  COURSE_PYTHON=PATH       run with this interpreter, which has everything; install nothing
"""

_Command = Callable[[argparse.Namespace, Environment, Console, Sequence[str]], int]


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code.

    Parameters:
        arguments: the command line after ``course.py``.

    Returns:
        The command's own exit code; 2 for an error that the user can mend, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark; it never raises.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    rest: Sequence[str] = ()
    if arguments[:1] in (["test"], ["grade"]) and arguments[1:2] not in (["-h"], ["--help"]):
        # Options follow that this parser does not know: pytest's, and those of grading.
        arguments, rest = arguments[:1], arguments[1:]
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    console = Console()
    raise_on_signals()
    try:
        if options.command != "doctor":
            _check_python()
        environment = Environment(ROOT)
        code: int = options.run(options, environment, console, rest)
        return code
    except CourseError as error:
        console.line(f"{console.coloured('course.py:', 'red')} {error}")
        return 2
    except OSError as error:
        console.line(f"{console.coloured('course.py:', 'red')} {error}")
        return 2
    except KeyboardInterrupt as interrupt:
        console.line("Interrupted. The next start goes on from here, or repairs what is half-done.")
        return 128 + interrupt.number if isinstance(interrupt, Terminated) else 130


def _check_python() -> None:
    if not environments.supported(sys.version_info[:2]):
        oldest, newest = environments.SUPPORTED
        raise CourseError(
            f"This is Python {environments.running_version()}, and the course is tested with "
            f"Python {oldest} to {newest} only. Start it with one of these, for example: "
            + (f"py -{newest}" if sys.platform == "win32" else f"python{newest}")
            + " course.py learn"
        )


def _learn(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    from launcher.lab import choose_port, learn

    if options.port is not None:
        choose_port(options.ip, options.port)  # say so before a long installation
    _ready(environment, environments.LEARN, console)
    return learn(
        environment, console, browser=not options.no_browser, port=options.port, ip=options.ip
    )


def _check(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    notebook = Path(options.notebook).absolute()
    if not notebook.is_file():
        raise CourseError(
            f"There is no file {options.notebook}. Name a notebook, for example one below "
            "exercises/; the Tab key completes names."
        )
    _ready(environment, environments.LEARN, console)
    return _module(environment, "workbench.exercise_check", str(notebook))


def _test(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    _ready(environment, environments.TEST, console)
    return _module(environment, "pytest", *TEST_OPTIONS, *(rest or TEST_PATHS))


def _book(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    from launcher.book import book

    _ready(environment, environments.BOOK, console)
    # Tell the builder what will be there, so that pages link to it.
    if options.pdf:
        environment.variables["COURSE_PDF"] = "1"
    if options.no_browser_edition:
        environment.variables["COURSE_NO_BROWSER_EDITION"] = "1"
    code = book(
        environment, console, show=options.open, browser_edition=not options.no_browser_edition
    )
    return code if code or not options.pdf else _module(environment, "book.pdf")


def _exercises(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    _ready(environment, environments.EXERCISES, console)
    return _module(environment, "grading.generate", *(["--verify"] if options.verify else []))


def _grade(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    _ready(environment, environments.EXERCISES, console)
    # Paths on the command line count from where it was typed.
    return run(
        [str(environment.python), "-m", "grading.grade", *rest],
        cwd=Path.cwd(),
        env=environment.child_variables() | {"PYTHONPATH": str(environment.root)},
    )


def _doctor(
    options: argparse.Namespace, environment: Environment, console: Console, rest: Sequence[str]
) -> int:
    from launcher.doctor import doctor

    return doctor(environment, console)


def _ready(environment: Environment, lock: str, console: Console) -> None:
    if environment.inspect(lock).action != "nothing":
        # Imported only now: most starts find everything in place.
        from launcher.making import ensure

        ensure(environment, lock, console)


def _module(environment: Environment, name: str, *arguments: str) -> int:
    return run(
        [str(environment.python), "-m", name, *arguments],
        cwd=environment.root,
        env=environment.child_variables(),
    )


class _ShowVersion(argparse.Action):
    """Read the version only when it is asked for: every start saves that time."""

    def __call__(self, parser: argparse.ArgumentParser, *unused: object) -> None:
        import tomllib

        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        version = tomllib.loads(text)["project"]["version"]
        print(f"course {version} (Python {environments.running_version()})")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py",
        description="Is Python good for backend development? A course of Jupyter notebooks. "
        "Start with: python course.py learn",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action=_ShowVersion, nargs=0, help="print the course's version and leave"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, run: _Command, summary: str, more: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=more)
        added.set_defaults(run=run)
        return added

    learn = command(
        "learn",
        _learn,
        "open the course in JupyterLab",
        "Start JupyterLab and open the course's first page in the browser. Ctrl-C stops it "
        "together with all running notebooks; what you wrote stays in its files.",
    )
    learn.add_argument(
        "--no-browser", action="store_true", help="only print the address, open no window"
    )
    learn.add_argument(
        "--port", type=int, metavar="N", help="the port to use (default: a free one from 8888 on)"
    )
    learn.add_argument(
        "--ip",
        metavar="ADDR",
        default="127.0.0.1",
        help="the address to listen on (default: 127.0.0.1, this machine only; 0.0.0.0 lets other "
        "machines in, which need the whole printed address with its token)",
    )

    check = command(
        "check",
        _check,
        "check an exercise from the terminal",
        "Run an exercise notebook and say, task by task, which checks pass. The notebook itself "
        "is not changed. Exit code 0 when every check passes.",
    )
    check.add_argument("notebook", metavar="NOTEBOOK", help="for example exercises/.../x.ipynb")

    test = command(
        "test",
        _test,
        "run the tests of the course",
        "Run every test with pytest on two processes, and compare each notebook's outputs with "
        "the stored ones. Arguments for pytest replace the folders: "
        "course.py test tests/workbench -k guard. Paths count from the course's folder.",
    )
    test.usage = "course.py test [-h] [pytest arguments ...]"

    book = command(
        "book",
        _book,
        "build the book as web pages",
        "Build the book in _build/html, with every chapter as a page. A warning counts as an "
        "error: the warnings are shown once more at the end.",
    )
    book.add_argument("--open", action="store_true", help="show it in the browser afterwards")
    book.add_argument(
        "--no-browser-edition",
        action="store_true",
        help="leave out the notebooks that run in the page (they are put together with Node.js)",
    )
    book.add_argument(
        "--pdf",
        action="store_true",
        help="print the whole book into one PDF afterwards, with Chromium or Chrome",
    )

    exercises = command(
        "exercises",
        _exercises,
        "make the exercises from the solutions",
        "For authors: write the notebooks in exercises/ anew from those in solutions/. Never edit "
        "exercises/ by hand.",
    )
    exercises.add_argument(
        "--verify",
        action="store_true",
        help="change nothing; fail if exercises/ is not what solutions/ give",
    )

    grade = command(
        "grade",
        _grade,
        "grade what learners handed in",
        "Grade a section: python course.py grade 02_advantages --submissions PATH. Every "
        "submission runs in a sandbox, and its checks outside of it. The page for instructors "
        "tells more. All options: python course.py grade SECTION --help",
    )
    grade.usage = "course.py grade [-h] SECTION --submissions PATH [options ...]"

    command(
        "doctor",
        _doctor,
        "show what is here, what is missing and how to get it",
        "Look at Python, the environment, disk space and the programs that some chapters use; "
        "print the line that installs what is missing. Exit code 0 unless something required is "
        "missing.",
    )
    return parser
