"""JupyterLab really starts, at the right page, asks nobody else for anything, and really stops."""

import json
import os
import re
import socket
import stat
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from launcher.errors import CourseError
from launcher.lab import choose_port


class Lab:
    """A running `course.py learn`, seen from outside."""

    def __init__(self, project, *arguments, **variables):
        self.process = project.start(
            "learn", *arguments, COURSE_PYTHON=sys.executable, PYTHONUNBUFFERED="1", **variables
        )
        self.line = ""
        for line in self.process.stdout:
            if "http://" in line:
                self.line = line.strip()
                break
        assert self.line, self.process.stderr.read()
        self.url = self.line.split()[-1]
        self.base, self.page, self.token = re.fullmatch(
            r"(http://[^/]+)(/[^?]*)\?token=(\w+)", self.url
        ).groups()

    def api(self, path, data=None):
        request = urllib.request.Request(
            self.base + path, data=data, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read().decode()

    def tree(self):
        return [self.process.pid] + [
            child.pid for child in psutil.Process(self.process.pid).children(recursive=True)
        ]

    def stop(self, project):
        project.interrupt(self.process)
        return self.process.communicate(timeout=30)[1]


@pytest.fixture
def course(project):
    project.write("chapters/index.md", "# Welcome\n")
    return project


@pytest.fixture
def lab(course):
    running = Lab(course, "--no-browser")
    yield running
    if running.process.poll() is None:
        running.stop(course)


def test_the_whole_life_of_a_lab(course, lab, wait_for):
    assert lab.line.startswith("The course is open at http://127.0.0.1:")
    assert lab.page == "/lab/tree/chapters/index.md"
    assert "version" in json.loads(lab.api("/api"))
    assert json.loads(lab.api("/api/contents/chapters/index.md"))["content"] == "# Welcome\n"

    page = lab.api("/lab/tree/chapters/index.md")
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page)[1])
    assert config["news"] == {"disabled": True}
    assert config["extensionManager"]["can_install"] is False
    assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
    assert config["buildCheck"] is False
    # Settings and open tabs are the course's own, not those of a person's other JupyterLab.
    assert Path(config["workspacesDir"]).is_relative_to(course.folder)
    assert Path(config["userSettingsDir"]).is_relative_to(course.folder)

    settings = "/lab/api/settings/@jupyterlab/"
    viewers = json.loads(lab.api(settings + "docmanager-extension:plugin"))
    default = viewers["schema"]["properties"]["defaultViewers"]["default"]
    assert default == {"markdown": "Markdown Preview"}
    news = json.loads(lab.api(settings + "apputils-extension:notification"))["schema"]
    assert news["properties"]["fetchNews"]["default"] == "false"
    assert news["properties"]["checkForUpdates"]["default"] is False

    kernel = json.loads(lab.api("/api/kernels", b'{"name": "python3"}'))
    assert kernel["name"] == "python3"
    python = Path(sys.executable).parent

    def kernels():
        commands = [psutil.Process(pid).cmdline() for pid in lab.tree()]
        return [command for command in commands if "ipykernel_launcher" in command]

    wait_for(kernels, "the kernel to run")
    assert Path(kernels()[0][0]).parent == python

    processes = lab.tree()
    started = time.monotonic()
    said = lab.stop(course)
    assert time.monotonic() - started < 10
    assert "Stopping JupyterLab and its notebooks" in said
    assert "Traceback" not in said
    assert lab.process.returncode == (0 if os.name == "posix" else lab.process.returncode)
    wait_for(lambda: not course.alive(processes), "all processes to be gone", 10)


@pytest.mark.skipif(os.name == "nt", reason="BROWSER names a POSIX command line here")
def test_the_browser_gets_a_private_page_that_leads_on(course, tmp_path, wait_for):
    opened = tmp_path / "opened"
    browser = course.write(
        "browser.py", f"import sys; open({str(opened)!r}, 'w').write(sys.argv[1] + '\\n')"
    )
    lab = Lab(course, BROWSER=f"{sys.executable} {browser} %s")
    try:
        wait_for(lambda: opened.exists() and "\n" in opened.read_text(), "the browser")
        address = opened.read_text().strip()
        assert lab.token not in address
        file = Path(address.removeprefix("file://"))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert f"url={lab.url}" in file.read_text(encoding="utf-8")
    finally:
        lab.stop(course)
    assert not file.exists()


def test_a_lab_that_does_not_start_says_why(course):
    course.write("jupyterlab/__init__.py", "")
    course.write("jupyterlab/__main__.py", "raise SystemExit('no lab today')")
    failed = course.run("learn", "--no-browser", COURSE_PYTHON=sys.executable)
    assert failed.returncode == 2
    assert "JupyterLab did not start" in failed.stderr
    assert "no lab today" in failed.stderr
    assert "jupyterlab-" in failed.stderr


def test_a_port_in_use_is_said_at_once(course):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = course.run("learn", "--no-browser", "--port", str(port))
    assert failed.returncode == 2
    assert f"Port {port} is in use by another program" in failed.stderr
    assert "--port" in failed.stderr
    assert not (course.folder / ".venv").exists()


def test_without_a_port_a_free_one_is_found(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr("launcher.lab.FIRST_PORT", taken.getsockname()[1])
        assert choose_port("127.0.0.1", None) > taken.getsockname()[1]


@pytest.mark.parametrize(
    ("ip", "port", "words"),
    [
        ("127.0.0.1", 99_999, "a port is a number from 1 to 65535"),
        ("192.0.2.1", None, "is not an address of this machine"),
        ("no such host", None, "there is no such address"),
    ],
)
def test_wrong_addresses(ip, port, words):
    with pytest.raises(CourseError, match=words):
        choose_port(ip, port)
