"""uv or pip: which is chosen, what is shown of it, and what its failures are called."""

import io
import os
import shutil
import socket
import sys

import pytest

from launcher import making
from launcher.environment import LEARN, Environment, Stamp
from launcher.errors import CourseError, diagnose
from launcher.installers import Installation, choose
from launcher.progress import Console

# The stand-in plays uv everywhere else; here the real one takes part where it is installed.
REAL = ["pip", *(["uv"] if shutil.which("uv") else [])]


@pytest.fixture
def closed_port():
    """A local port where nobody listens: what a package index without a network looks like."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("tool", REAL)
def test_a_real_first_use_and_second_start(project, tool):
    project.add_wheel()
    first = project.check(COURSE_INSTALLER=tool)
    assert first.returncode == 3, first.stderr
    assert "tinything is installed" in first.stdout
    assert f"and {tool}: 2 packages, the first time only" in first.stderr
    assert "ready in " in first.stderr
    log = (project.folder / ".venv" / "install.log").read_text(encoding="utf-8")
    assert "tinything" in log

    second = project.check(COURSE_INSTALLER=tool)
    assert second.stderr == ""
    assert "tinything is installed" in second.stdout


def test_pip_in_an_environment_that_uv_made_first_without_a_network(project, uv, closed_port):
    project.check()
    before = project.stamp.read_text()
    project.write("requirements.txt", "six==1.17.0\n-e .\n")
    failed = project.check(
        COURSE_INSTALLER="pip",
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port}/simple",
        PIP_RETRIES="1",
    )
    assert failed.returncode == 2
    assert "The package index could not be reached" in failed.stderr
    assert "settings of pip" in failed.stderr
    assert "Traceback" not in failed.stderr
    # Nothing was changed yet, so what was there stays usable.
    assert project.stamp.read_text() == before

    project.add_wheel()
    again = project.check(COURSE_INSTALLER="pip")
    assert "tinything is installed" in again.stdout, again.stderr


# What the programs print, word by word (names and places shortened).
UV_NETWORK = """\
error: Failed to fetch: http://127.0.0.1:9/simple/six/
  cause: error sending request for url (http://127.0.0.1:9/simple/six/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)"""
UV_FULL = """\
error: Failed to install: numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (numpy==2.4.6)
  cause: Failed to copy to `/course/.venv/lib/python3.11/site-packages/numpy.libs/libscipy.so`
  cause: failed to copy file from /cache/libscipy.so: No space left on device (os error 28)"""
UV_UNKNOWN_PACKAGE = """\
error: No solution found when resolving dependencies
  cause: Because nosuchpackage was not found in the package registry and you require \
nosuchpackage==1, we can conclude that your requirements are unsatisfiable."""
UV_IN_USE = r"""error: Failed to install: pyzmq-27.3.0-cp312-abi3-win_amd64.whl (pyzmq==27.3.0)
  cause: failed to remove file `C:\course\.venv\Lib\site-packages\zmq\_zmq.pyd`: \
Access is denied. (os error 5)"""
PIP_NETWORK = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("x: Failed to \
establish a new connection: [Errno 111] Connection refused")': /simple/six/
ERROR: Could not find a version that satisfies the requirement six==1.17.0 (from versions: none)
ERROR: No matching distribution found for six==1.17.0"""
PIP_UNKNOWN_PACKAGE = """\
ERROR: Could not find a version that satisfies the requirement nosuch==1 (from versions: none)
ERROR: No matching distribution found for nosuch==1"""
PIP_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
PIP_IN_USE = (
    "ERROR: Could not install packages due to an OSError: [WinError 32] The process cannot "
    "access the file because it is being used by another process: 'pip.exe'"
)
DEBIAN = """\
The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv
"""
CERTIFICATE = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] failed'))"
COMPILER = "error: Microsoft Visual C++ 14.0 or greater is required."


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (UV_NETWORK, "could not be reached"),
        (PIP_NETWORK, "could not be reached"),
        (UV_FULL, "disk is full"),
        (PIP_FULL, "disk is full"),
        (UV_IN_USE, "Close JupyterLab"),
        (PIP_IN_USE, "Close JupyterLab"),
        (UV_UNKNOWN_PACKAGE, "no fitting version"),
        (PIP_UNKNOWN_PACKAGE, "no fitting version"),
        (DEBIAN, "sudo apt install python3-venv"),
        (CERTIFICATE, "company proxy"),
        (COMPILER, "had to be compiled"),
    ],
)
def test_known_failures_have_a_name_and_a_way_out(output, words):
    sentence = diagnose(output, tool="pip", log="install.log")
    assert sentence is not None
    assert words in sentence
    assert "{" not in sentence


@pytest.mark.parametrize(
    ("output", "words"), [(UV_NETWORK, "could not be reached"), (UV_FULL, "disk is full")]
)
def test_a_failure_is_told_in_a_sentence_and_repaired_by_the_next_start(project, uv, output, words):
    uv.plan(says=output, code=2)
    failed = project.check()
    assert failed.returncode == 2
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    uv.plan()
    again = project.check()
    assert again.returncode == 3
    assert "is half-finished" in again.stderr


def test_an_unknown_failure_shows_the_last_lines_and_names_the_log(project, uv):
    uv.plan(says="\n".join(f"line {number}" for number in range(9)), code=1)
    failed = project.check()
    assert failed.returncode == 2
    told = failed.stderr.partition("course.py:")[2]
    assert "line 3\n" not in told
    for number in (4, 5, 6, 7, 8):
        assert f"line {number}\n" in told
    log = project.folder / ".venv" / "install.log"
    assert str(log) in told
    assert "COURSE_INSTALLER=pip" in told
    assert "line 0" in log.read_text(encoding="utf-8")


def test_too_little_space_is_said_before_anything_is_done(project, uv, monkeypatch):
    project.write("requirements.txt", "".join(f"p{n}==1\n" for n in range(100)))
    monkeypatch.setattr(making, "_free_megabytes", lambda folder: 100)
    environment = Environment(project.folder, project.variables)
    with pytest.raises(CourseError, match=r"about 500 MB are needed .* 100 MB are free"):
        making.ensure(environment, LEARN, Console(io.StringIO()))
    assert not environment.folder.exists()


def test_a_full_disk_is_seen_even_when_the_installer_does_not_say_so(project, uv, monkeypatch):
    free = iter([10_000, 3])
    monkeypatch.setattr(making, "_free_megabytes", lambda folder: next(free))
    uv.plan(says="something odd", code=1)
    with pytest.raises(CourseError, match="disk is full"):
        making.ensure(Environment(project.folder, project.variables), LEARN, Console(io.StringIO()))


def test_files_in_use_stop_a_rebuild_before_anything_is_lost(project, uv, monkeypatch):
    project.check()
    Stamp(state="installing").write(project.stamp)

    def refuse(self, target):
        raise PermissionError(13, "in use", str(self))

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(CourseError, match=r"No permission to change|are in use"):
        making.ensure(Environment(project.folder, project.variables), LEARN, Console(io.StringIO()))
    assert Environment(project.folder, {}).python.exists()


def test_choosing(uv, variables, tmp_path):
    console = Console(io.StringIO())
    del variables["COURSE_INSTALLER"]
    variables.update(HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path), APPDATA=str(tmp_path))
    none = {**variables, "PATH": str(tmp_path)}
    assert choose(variables, console) == "uv"
    assert choose({**variables, "COURSE_INSTALLER": "pip"}, console) == "pip"
    assert choose(none, console) == "pip"
    with pytest.raises(CourseError, match="there is no uv on PATH"):
        choose({**none, "COURSE_INSTALLER": "uv"}, console)
    with pytest.raises(CourseError, match="it may be uv, pip or unset"):
        choose({**variables, "COURSE_INSTALLER": "conda"}, console)


def test_pips_own_index_is_not_passed_by(uv, variables, tmp_path):
    del variables["COURSE_INSTALLER"]
    variables.update(HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path), APPDATA=str(tmp_path))
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://packages.example/simple\n")
    configured = {**variables, "PIP_CONFIG_FILE": str(settings)}
    said = io.StringIO()
    assert choose(configured, Console(said)) == "pip"
    assert "pip has a package index of its own and uv has none" in said.getvalue()
    assert choose({**configured, "COURSE_INSTALLER": "uv"}, Console(said)) == "uv"
    assert choose({**configured, "UV_DEFAULT_INDEX": "https://x.example"}, Console(said)) == "uv"
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('index-url = "https://packages.example/simple"\n')
    assert choose(configured, Console(said)) == "uv"


PIP_TALK = """\
Looking in indexes: https://packages.example/simple
Ignoring appnope: markers 'sys_platform == "darwin"' don't match your environment
Obtaining file:///course (from -r requirements.txt (line 4))
Collecting flask==3.1.3 (from -r requirements.txt (line 1))
  Downloading flask-3.1.3-py3-none-any.whl (103 kB)
Processing ./wheels/jupyter_client-8.10.0-py3-none-any.whl (from -r requirements.txt (line 2))
Installing collected packages: flask, jupyter-client, course
Successfully installed course-1.0 flask-3.1.3
"""


def test_what_is_shown_of_pip(tmp_path):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    installation = Installation(
        "pip", tmp_path / "python", packages=4, folder=tmp_path, console=Console(stream)
    )
    for line in PIP_TALK.splitlines():
        installation._pip_line(line)
    shown = [status.rstrip() for status in stream.getvalue().split("\r")]
    for expected in (
        "[1/3] preparing the course (0 s)",
        "[2/3] collecting flask (0 s)",
        "[2/3] downloading flask (0 s)",
        "[3/3] collecting jupyter_client (0 s)",
        "[0/3] installing (0 s)",
    ):
        assert expected in shown
    assert "\n" not in stream.getvalue()


def test_a_python_without_venv_gets_the_line_for_debian(project, uv, monkeypatch):
    script = project.write("no_venv.py", f"print({DEBIAN!r})\nraise SystemExit(1)\n")
    if os.name == "nt":
        program = project.write("python.bat", f'@"{sys.executable}" "{script}"\n')
    else:
        program = project.write("python", f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
        program.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(program))
    with pytest.raises(CourseError, match="sudo apt install python3-venv"):
        making.ensure(Environment(project.folder, project.variables), LEARN, Console(io.StringIO()))
