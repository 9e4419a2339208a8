"""The environment is made once, renewed when a lock changes, and repaired when it is broken.

What is installed does not matter here, so a stand-in for uv plays the installer.
"""

import json
import os
import shutil
import signal
import sys

import pytest

from launcher.environment import BOOK, EXERCISES, LEARN, TEST, Environment, system
from launcher.errors import CourseError


def test_first_use_makes_it_and_the_second_installs_nothing(project, uv):
    first = project.check()
    assert first.returncode == 3, first.stderr
    assert "checked" in first.stdout
    assert "the first time only" in first.stderr
    assert "ready in " in first.stderr
    assert len(uv.calls) == 1
    assert uv.calls[0].endswith(f"-r {project.folder / 'requirements.txt'}")

    second = project.check()
    assert second.returncode == 3
    assert second.stderr == ""
    assert len(uv.calls) == 1


def test_the_stamp_says_what_was_installed(project, uv):
    project.check()
    stamp = json.loads(project.stamp.read_text())
    assert stamp["state"] == "ready"
    assert stamp["python"] == ".".join(map(str, sys.version_info[:3]))
    assert stamp["system"] == system()
    assert list(stamp["locks"]) == ["requirements.txt"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_changed_list_of_packages_is_installed_into_the_same_environment(project, uv, name):
    project.check()
    kept = project.write(".venv/kept", "")
    with (project.folder / name).open("a") as file:
        file.write("# changed\n")
    again = project.check()
    assert again.returncode == 3
    assert "The list of packages changed" in again.stderr
    assert len(uv.calls) == 2
    assert kept.exists()
    assert project.check().stderr == ""


def test_line_ends_are_no_change(project, uv):
    project.check()
    file = project.folder / "requirements.txt"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert project.check().stderr == ""


def test_sets_of_packages_add_up(project, uv):
    project.check()
    more = project.run("exercises")
    assert "More is needed for this" in more.stderr
    assert uv.calls[-1].endswith("grading.txt")
    assert list(json.loads(project.stamp.read_text())["locks"]) == [LEARN, EXERCISES]
    assert project.check().stderr == ""


@pytest.mark.parametrize(
    ("installed", "enough_for"),
    [
        (LEARN, {LEARN}),
        (BOOK, {LEARN, BOOK}),
        (EXERCISES, {LEARN, EXERCISES}),
        (TEST, {LEARN, BOOK, EXERCISES, TEST}),
    ],
)
def test_a_larger_lock_holds_the_smaller_ones(project, uv, installed, enough_for):
    project.check()
    environment = Environment(project.folder, {})
    stamp = json.loads(project.stamp.read_text())
    stamp["locks"] = {installed: environment.fingerprint(installed)}
    project.stamp.write_text(json.dumps(stamp))
    locks = (LEARN, BOOK, EXERCISES, TEST)
    assert {lock for lock in locks if environment.inspect(lock).action == "nothing"} == enough_for


def spoil_half_finished(project):
    project.stamp.write_text('{"state": "installing", "interpreter": [0, 0]}')


def spoil_stamp(project):
    project.stamp.write_text("{")


def spoil_python_gone(project):
    Environment(project.folder, {}).python.unlink()


def spoil_python_broken(project):
    python = Environment(project.folder, {}).python
    python.unlink()
    python.write_text("not a program")
    python.chmod(0o755)


def spoil_system(project):
    stamp = json.loads(project.stamp.read_text())
    project.stamp.write_text(json.dumps({**stamp, "system": "plan9-vax"}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_half_finished, "is half-finished"),
        (spoil_stamp, "is damaged"),
        (spoil_python_gone, "is broken (its Python is gone)"),
        (spoil_python_broken, "is broken (its Python was changed"),
        (spoil_system, "is for another system (plan9-vax)"),
    ],
)
def test_an_unusable_one_is_named_and_built_again(project, uv, spoil, words):
    project.check()
    project.write(".venv/old", "")
    spoil(project)
    again = project.check()
    assert again.returncode == 3, again.stderr
    assert words in again.stderr
    assert "building it again" in again.stderr
    assert not (project.folder / ".venv" / "old").exists()
    assert not list(project.folder.glob(".venv.trash*"))
    assert project.check().stderr == ""


@pytest.mark.parametrize("how", [shutil.move, shutil.copytree])
def test_a_moved_or_copied_folder_is_noticed(project, uv, how, tmp_path):
    project.check()
    target = tmp_path / "elsewhere"
    how(project.folder, target)
    project.folder = target
    again = project.check()
    assert again.returncode == 3, again.stderr
    assert "was moved or copied here from another folder" in again.stderr
    assert str(target) in uv.calls[-1]


def test_an_updated_python_that_still_works_is_accepted(project, uv):
    project.check()
    stamp = json.loads(project.stamp.read_text())
    project.stamp.write_text(json.dumps({**stamp, "interpreter": [1, 1]}))
    assert project.check().stderr == ""
    assert json.loads(project.stamp.read_text()) == stamp
    assert len(uv.calls) == 1


def test_an_environment_of_somebody_else_is_kept(project, uv):
    project.write(".venv/pyvenv.cfg", "home = somewhere\n")
    project.write(".venv.old/first", "")
    done = project.check()
    assert done.returncode == 3, done.stderr
    assert ".venv was not made by course.py: it is kept as .venv.old-2." in done.stderr
    assert (project.folder / ".venv.old-2" / "pyvenv.cfg").exists()
    assert (project.folder / ".venv.old" / "first").exists()


def test_two_at_once_install_once(project, uv, wait_for):
    uv.plan(seconds=2)
    one = project.start("check", "one.ipynb")
    wait_for(lambda: uv.calls, "the first to install")
    two = project.start("check", "one.ipynb")
    _, one_said = one.communicate(timeout=60)
    _, two_said = two.communicate(timeout=60)
    assert (one.returncode, two.returncode) == (3, 3)
    assert len(uv.calls) == 1
    assert "Another course.py is installing here: waiting" in two_said
    assert "waiting" not in one_said


def test_ctrl_c_while_installing_leaves_no_process_and_a_state_that_is_repaired(
    project, uv, wait_for
):
    uv.plan(hang=True)
    process = project.start("check", "one.ipynb")
    pids = uv.wait_until_it_hangs()
    project.interrupt(process)
    _, said = process.communicate(timeout=20)
    assert process.returncode > 128
    assert "Interrupted" in said
    assert "Traceback" not in said
    wait_for(lambda: not project.alive(pids), "the installer to be gone", 10)

    uv.plan()
    again = project.check()
    assert again.returncode == 3, again.stderr
    assert "is half-finished" in again.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could catch")
def test_a_request_to_end_is_obeyed_as_ctrl_c_is(project, uv, wait_for):
    uv.plan(hang=True)
    process = project.start("check", "one.ipynb")
    pids = uv.wait_until_it_hangs()
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    wait_for(lambda: not project.alive(pids), "the installer to be gone", 10)


@pytest.mark.skipif(os.name == "nt", reason="on Windows a child cannot hold its parent's lock")
def test_a_killed_course_leaves_the_lock_to_its_installer(project, uv, wait_for):
    uv.plan(seconds=4)
    process = project.start("check", "one.ipynb")
    wait_for(lambda: uv.calls, "the installer to start")
    process.kill()
    process.communicate(timeout=20)
    uv.plan()
    again = project.check()
    assert "Another course.py is installing here: waiting" in again.stderr
    assert "is half-finished" in again.stderr
    assert again.returncode == 3


def test_a_missing_lock_is_named(project, uv):
    (project.folder / "requirements" / "test.txt").unlink()
    done = project.run("test")
    assert done.returncode == 2
    assert "test.txt is missing, the list of packages" in done.stderr
    assert "git checkout -- requirements/test.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_permission_is_named(project, uv, monkeypatch):
    from launcher import making
    from launcher.progress import Console

    def refuse(*unused):
        raise PermissionError(13, "Permission denied", str(project.folder / ".venv.lock"))

    monkeypatch.setattr(making, "only_one", refuse)
    with pytest.raises(CourseError, match=r"No permission to change|are in use"):
        making.ensure(Environment(project.folder, project.variables), LEARN, Console())


def test_an_interpreter_that_is_given_is_used_as_it_is(project, uv):
    done = project.check(COURSE_PYTHON=sys.executable)
    assert done.returncode == 3
    assert uv.calls == []
    assert not (project.folder / ".venv").exists()
    wrong = project.check(COURSE_PYTHON="/nowhere/python")
    assert wrong.returncode == 2
    assert "COURSE_PYTHON names" in wrong.stderr


def test_commands_find_the_environments_programs_first(project, variables):
    environment = Environment(
        project.folder, {**variables, "PYTHONPATH": "/else", "PYTHONHOME": "/else"}
    )
    given = environment.child_variables()
    assert given["PATH"].split(os.pathsep)[0] == str(environment.python.parent)
    assert given["VIRTUAL_ENV"] == str(project.folder / ".venv")
    assert "PYTHONPATH" not in given
    assert "PYTHONHOME" not in given
    assert given["PYTHONUTF8"] == "1"
    assert given["JUPYTER_PLATFORM_DIRS"] == "1"
    assert given["PYDEVD_DISABLE_FILE_VALIDATION"] == "1"


def test_looking_at_a_ready_environment_starts_no_process(project, uv, monkeypatch):
    project.check()
    monkeypatch.setattr("subprocess.Popen", None)
    assert Environment(project.folder, {}).inspect(LEARN).action == "nothing"
