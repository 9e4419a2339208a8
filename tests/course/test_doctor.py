"""The doctor tells what is here, changes nothing, and fails only for what is required."""

import importlib.util
import io
import sys

import pytest

from launcher import doctor
from launcher.environment import TEST, Environment
from launcher.progress import Console


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_a_whole_environment_is_well(project, capsys):
    environment = Environment(
        project.folder, {**project.variables, "COURSE_PYTHON": sys.executable}
    )
    assert doctor.doctor(environment, Console(io.StringIO())) == 0
    shown = capsys.readouterr().out
    for name in ("Python", "flask", "uvicorn", "granian", "git", "Chromium", "Node.js"):
        assert f"  {name} " in shown
    assert "Everything required is here." in shown
    assert "\x1b" not in shown


def test_before_the_first_use_nothing_is_wrong_and_nothing_is_made(project, uv):
    done = project.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "not made yet: the first command makes it" in done.stdout
    assert uv.calls == ["--version"]
    assert not (project.folder / ".venv").exists()


def test_packages_that_do_not_import_are_missing(project, uv):
    project.check()  # the stand-in installed nothing
    done = project.run("doctor")
    assert done.returncode == 1
    assert "missing   flask" in done.stdout
    assert "ModuleNotFoundError" in done.stdout
    assert "The course cannot run yet: jupyterlab," in done.stdout
    assert "delete the folder .venv" in done.stdout


def test_what_the_environment_is_ready_for(project, uv):
    project.check()
    environment = Environment(project.folder, project.variables)
    assert doctor._environment(environment).found == "ready for learn, check"
    (project.folder / TEST).write_text("other\n-e .\n")
    project.write("requirements.txt", "other\n-e .\n")
    assert doctor._environment(environment).found.startswith("out of date")
    project.stamp.unlink()
    assert "keeps it aside" in doctor._environment(environment).found


def test_an_unsupported_python_is_missing(monkeypatch):
    monkeypatch.setattr(doctor.environments, "supported", lambda version: False)
    finding = doctor._python()
    assert finding.state == "missing"
    assert "uv python install 3.14" in finding.install


def test_a_python_without_venv(project, variables, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    (finding,) = doctor._venv_module(Environment(project.folder, variables), ["apt"])
    assert finding.state == "missing"
    assert finding.install == "sudo apt install python3-venv"


def test_too_little_disk(project, variables, monkeypatch):
    usage = doctor.shutil.disk_usage(project.folder)._replace(free=10 * 2**20)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage)
    assert doctor._disk(Environment(project.folder, variables)).state == "missing"


@pytest.mark.parametrize("manager", ["apt", "dnf", "brew", "winget"])
def test_every_optional_program_has_a_line_for_every_system(manager):
    for name, program in doctor._PROGRAMS.items():
        if program.linux_only and manager in ("brew", "winget"):
            continue
        line = doctor.install_line(program.packages, [manager])
        assert line, (name, manager)
        assert "{" not in line


def test_a_program_that_is_not_here_is_optional(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    finding = doctor._program("Node.js", doctor._PROGRAMS["Node.js"], ["apt", "dnf"])
    assert finding.state == "optional"
    assert finding.install == "sudo apt install nodejs npm or: sudo dnf install nodejs"


@pytest.mark.parametrize(
    ("platform", "here", "managers"),
    [
        ("win32", [], ["winget"]),
        ("darwin", [], ["brew"]),
        ("linux", ["dnf"], ["dnf"]),
        ("linux", [], ["apt", "dnf"]),
    ],
)
def test_package_managers(monkeypatch, platform, here, managers):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name if name in here else None)
    assert doctor.available_managers() == managers
