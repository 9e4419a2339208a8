"""Every command starts the right program, hands on its exit code, and explains itself."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from launcher import environment as environments
from launcher import main as command_line

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("learn", "check", "test", "book", "exercises", "doctor")


def old_pythons():
    """Pythons below 3.11 on this machine: on PATH, or installed by pyenv."""
    names = ["2.7", *(f"3.{minor}" for minor in range(6, 11))]
    found = {name: shutil.which(f"python{name}") for name in names}
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob("[23].*")):
        name = ".".join(folder.name.split(".")[:2])
        if name in names and (folder / "bin" / "python").exists():
            found[name] = str(folder / "bin" / "python")
    return [path for path in found.values() if path]


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Record what would be started, in an environment that has everything."""
    calls = []

    def record(command, *, cwd, env):
        assert cwd == ROOT
        assert env["PYTHONUTF8"] == "1"
        calls.append(command[1:])
        return 7

    monkeypatch.setattr(command_line, "run", record)
    monkeypatch.setattr(command_line, "raise_on_signals", lambda: None)
    monkeypatch.setenv("COURSE_PYTHON", sys.executable)
    return calls


def test_check_runs_one_notebook_wherever_it_is_named_from(started, tmp_path, monkeypatch):
    (tmp_path / "mine.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["check", "mine.ipynb"]) == 7
    assert started == [["-m", "workbench.exercise_check", str(tmp_path / "mine.ipynb")]]


def test_check_of_no_notebook(started, capsys):
    assert command_line.main(["check", "nowhere.ipynb"]) == 2
    assert "There is no file nowhere.ipynb" in capsys.readouterr().err
    assert started == []


TEST_OPTIONS = ["-n", "2", "--dist", "loadfile", "--nbval", "--nbval-sanitize-with"]


def test_test_runs_everything(started):
    assert command_line.main(["test"]) == 7
    sanitizer = "tests/notebooks/sanitize.cfg"
    assert started == [["-m", "pytest", *TEST_OPTIONS, sanitizer, "tests", "chapters", "solutions"]]
    assert (ROOT / sanitizer).is_file()


def test_arguments_of_test_go_to_pytest_and_replace_the_folders(started):
    assert command_line.main(["test", "tests/workbench", "-k", "guard", "--version"]) == 7
    assert started[0][len(TEST_OPTIONS) + 3 :] == ["tests/workbench", "-k", "guard", "--version"]


def test_exercises(started):
    assert command_line.main(["exercises"]) == 7
    assert command_line.main(["exercises", "--verify"]) == 7
    assert started == [["-m", "grading.generate"], ["-m", "grading.generate", "--verify"]]


@pytest.mark.parametrize("arguments", [[], ["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help(arguments, capsys):
    if arguments:
        with pytest.raises(SystemExit, match="0"):
            command_line.main(arguments)
    else:
        assert command_line.main(arguments) == 2
    shown = capsys.readouterr().out
    assert "usage: course.py" in shown
    if not arguments or arguments == ["--help"]:
        for name in (*COMMANDS, "COURSE_INSTALLER", "COURSE_PYTHON"):
            assert name in shown
    else:
        assert len(shown.split("\n\n")[1]) > 60


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        command_line.main(["--version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert capsys.readouterr().out.startswith(f"course {project['version']} (Python 3.")


@pytest.mark.parametrize("arguments", [["sing"], ["learn", "--loud"], ["check"]])
def test_wrong_use_is_told_without_a_traceback(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        command_line.main(arguments)
    assert "usage: course.py" in capsys.readouterr().err


def test_a_python_that_is_too_new_is_told(monkeypatch, capsys):
    monkeypatch.setattr(command_line.sys, "version_info", (3, 15, 0))
    monkeypatch.setattr(command_line, "raise_on_signals", lambda: None)
    assert command_line.main(["exercises"]) == 2
    told = capsys.readouterr().err
    assert "This is Python 3.15.0" in told
    assert "3.11 to 3.14 only" in told


def test_the_supported_pythons_are_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest, below = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    for minor in range(5, 30):
        expected = int(lowest) <= minor < int(below)
        assert environments.supported((3, minor)) is expected
    assert f"needs Python 3.{lowest} to 3.{int(below) - 1}," in (ROOT / "course.py").read_text()


def test_course_py_is_readable_for_old_pythons():
    text = (ROOT / "course.py").read_text(encoding="ascii")
    ast.parse(text, feature_version=(3, 6))
    assert not re.search(r"\bf\"|\basync\b|->|:=", text)


@pytest.mark.parametrize("python", old_pythons() or [None])
def test_an_old_python_gets_a_sentence(python, project):
    if python is None:
        pytest.skip("no Python below 3.11 is installed on this machine")
    done = subprocess.run(
        [python, "course.py", "learn"], cwd=project.folder, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("course.py needs Python 3.11 to 3.14, and this is Python ")
    assert "Traceback" not in done.stderr
    assert "SyntaxError" not in done.stderr


FAKE_BOOK = """
import sys
from pathlib import Path

def main():
    print("reading sources... [ 50%] chapters/index")
    if Path("broken").exists():
        for _ in range(2):
            print("checking consistency... ", end="")
            print("chapters/index.md:3: \\x1b[91mWARNING: target not found: nowhere\\x1b[39m")
        print("build finished with problems, 1 warning (with warnings treated as errors).")
        sys.exit(1)
    Path("_build/html").mkdir(parents=True)
    Path("_build/html/index.html").write_text(" ".join(sys.argv[1:]))
"""

FAKE_BROWSER_EDITION = """
import sys
from pathlib import Path

if Path("no-node").exists():
    sys.exit("ERROR: npm is not installed.")
Path("_build/html/lite").mkdir(parents=True, exist_ok=True)
Path("_build/html/lite/index.html").write_text("the notebooks")
"""


@pytest.fixture
def book(project):
    """A course whose book builder is a stand-in, found first because it lies in the folder."""
    project.write("jupyter_book/cli/main.py", FAKE_BOOK)
    project.write("jupyter_book/__init__.py", "")
    project.write("jupyter_book/cli/__init__.py", "")
    project.write("book/browser/__main__.py", FAKE_BROWSER_EDITION)
    project.write("_config.yml", "")
    project.variables["COURSE_PYTHON"] = sys.executable
    return project


def test_book(book):
    done = book.run("book")
    assert done.returncode == 0, done.stderr
    page = book.folder / "_build" / "html" / "index.html"
    assert f"The book is ready: {page}" in done.stdout
    assert page.read_text() == "build . -W -n --keep-going"


def test_book_shows_its_warnings_once_more_at_the_end(book):
    book.write("broken", "")
    done = book.run("book")
    assert done.returncode == 1
    end = done.stderr.partition("The book was not accepted: 1 warning, and here")[2]
    assert "counts as an error" in end
    assert end.count("\n  chapters/index.md:3: WARNING: target not found: nowhere\n") == 1
    log = book.folder / "_build" / "book.log"
    assert str(log) in end
    assert "reading sources" in log.read_text(encoding="utf-8")


def test_book_has_the_browser_edition(book):
    assert book.run("book").returncode == 0
    assert (book.folder / "_build" / "html" / "lite" / "index.html").is_file()


def test_book_without_the_browser_edition(book):
    assert book.run("book", "--no-browser-edition").returncode == 0
    assert not (book.folder / "_build" / "html" / "lite").exists()


def test_book_whose_browser_edition_cannot_be_built(book):
    book.write("no-node", "")
    done = book.run("book")
    assert done.returncode == 1
    assert "npm is not installed" in done.stderr
    assert "python course.py book --no-browser-edition" in done.stderr


def test_book_without_its_configuration(book):
    (book.folder / "_config.yml").unlink()
    done = book.run("book")
    assert done.returncode == 2
    assert "_config.yml is missing" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="BROWSER names a POSIX command line here")
def test_book_open(book, tmp_path):
    opened = tmp_path / "opened.json"
    browser = book.write(
        "browser.py", f"import json, sys; open({str(opened)!r}, 'w').write(json.dumps(sys.argv[1]))"
    )
    done = book.run("book", "--open", BROWSER=f"{sys.executable} {browser} %s")
    assert done.returncode == 0, done.stderr
    page = book.folder / "_build" / "html" / "index.html"
    assert json.loads(opened.read_text()) == page.as_uri()


def test_ending_course_py_ends_the_command(project, wait_for, tmp_path):
    ready = tmp_path / "ready"
    project.write(
        "workbench/exercise_check.py",
        "import os, pathlib, sys, time\n"
        f"pathlib.Path({str(ready)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n",
    )
    process = project.start("check", "one.ipynb", COURSE_PYTHON=sys.executable)
    wait_for(lambda: ready.exists() and ready.read_text(), "the command to run")
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode != 0
    wait_for(lambda: not project.alive([int(ready.read_text())]), "the command to be gone", 10)
