"""``course.py book``: the book as web pages, with every warning an error."""

import re
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from launcher.environment import Environment
from launcher.errors import CourseError
from launcher.progress import Console
from launcher.running import follow

# What the program jupyter-book does, in any folder: Jupyter Book 1 cannot be run with -m.
_PROGRAM = "from jupyter_book.cli.main import main; main()"
# Run with the environment's Python from the root of the course.
BUILD: Sequence[str] = ("-c", _PROGRAM, "build", ".", "-W", "-n", "--keep-going")
PAGES = Path("_build", "html", "index.html")
BROWSER_EDITION: Sequence[str] = ("-m", "book.browser")

_PROGRESS = re.compile(r"^[\w ]+\.\.\. \[ *\d+%\]|^Executing notebook|^\[.*\] \w+|^[\w ]+\.\.\.")
_WARNING = re.compile(r"\b(?:WARNING|ERROR|CRITICAL|SEVERE)\b:?")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def book(environment: Environment, console: Console, *, show: bool, browser_edition: bool) -> int:
    """Build the book in ``_build/html``.

    Parameters:
        show: open its first page in a browser afterwards.
        browser_edition: build the notebooks that run in the page too, in ``_build/html/lite``.

    Returns:
        0, or the builder's exit code after its warnings were shown once more.
    """
    root = environment.root
    if not (root / "_config.yml").is_file():
        raise CourseError("_config.yml is missing: this copy of the course has no book to build.")
    log = root / "_build" / "book.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    warnings: dict[str, None] = {}  # in the order of their coming, each once

    def on_line(line: str) -> None:
        line = _COLOUR.sub("", line).strip()
        if _WARNING.search(line):
            # Sphinx leaves the cursor behind "checking consistency... "; the warning follows.
            line = re.sub(r"^[a-z ]+\.\.\. ", "", line)
            warnings[line] = None
            console.line(line)
        elif _PROGRESS.match(line):
            console.status(line)

    code, output = follow(
        [str(environment.python), *BUILD],
        cwd=root,
        env={**environment.child_variables(), "PYTHONUNBUFFERED": "1"},
        log=log,
        on_line=on_line,
        on_tick=lambda: None,
    )
    console.clear()
    if code:
        if warnings:
            count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
            console.line(
                f"\nThe book was not accepted: {count}, and here a warning counts as an error:"
            )
            for line in warnings:
                console.line(f"  {line}")
        else:
            console.line("The book could not be built. The last lines:")
            for line in output.splitlines()[-5:]:
                console.line(f"  {line}")
        console.line(f"The full log: {log}")
        return 128 - code if code < 0 else code
    page = root / PAGES
    if not page.is_file():
        raise CourseError(f"The builder ended without an error and without {PAGES}. See {log}")
    if browser_edition:
        code = _browser_edition(environment, console, log)
        if code:
            return code
    print(f"The book is ready: {page}", flush=True)
    if show:
        webbrowser.open(page.as_uri())
    return 0


def _browser_edition(environment: Environment, console: Console, log: Path) -> int:
    """Build the notebooks that run in the page; nothing is done when none of them changed."""
    code, output = follow(
        [str(environment.python), *BROWSER_EDITION],
        cwd=environment.root,
        env={**environment.child_variables(), "PYTHONUNBUFFERED": "1"},
        log=log,
        on_line=lambda line: console.status(f"browser edition: {line}"),
        on_tick=lambda: None,
    )
    console.clear()
    if code:
        console.line("The pages are built, and the browser edition is not:")
        for line in output.splitlines()[-8:]:
            console.line(f"  {line}")
        console.line(f"The full log: {log}")
        console.line("Without it: python course.py book --no-browser-edition")
        return 128 - code if code < 0 else code
    return 0
