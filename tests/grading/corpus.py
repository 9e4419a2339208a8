"""Submissions that attack the grader, that are broken, or only strange, and what each deserves.

A case is a function that hands something in under its own name. Tasks are independent: where one
answer attacks, the other is right, and keeps its 3 points.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.grading.small import (
    ADDING,
    FULL,
    GREETING,
    NOTEBOOK,
    RIGHT,
    SmallCourse,
    as_json,
    cell_named,
)

ADDING_POINTS = 3  # of 8
MARK = f"4321.{os.getpid()}"  # in the command line of processes that must not live on
ESCAPED = Path(f"/var/tmp/escaped-{os.getpid()}")  # what must not be written

Make = Callable[[SmallCourse], object]


@dataclass(frozen=True)
class Case:
    """A submission.

    Attributes:
        name: of the learner.
        make: hands it in.
        points: what it deserves; None when it cannot be graded.
        says: what the report says of it.
    """

    name: str
    make: Make
    points: float | None = FULL
    says: str = ""


CASES: list[Case] = []


def case(name: str, points: float | None = FULL, says: str = "") -> Callable[[Make], Make]:
    """Add a case whose function hands in by itself."""

    def add(make: Make) -> Make:
        CASES.append(Case(name, make, points, says))
        return make

    return add


def answers(
    name: str, points: float, says: str = "", *, greeting: str = GREETING, adding: str = ADDING
) -> None:
    """Add a case that differs in its answers alone."""

    def make(course: SmallCourse) -> None:
        given = {"greeting": greeting, "adding": adding}
        text = {key: value.replace("COURSE", str(course.folder)) for key, value in given.items()}
        course.hand_in(name, course.answered(text))

    CASES.append(Case(name, make, points, says))


def attack(name: str, code: str, says: str = "", *, points: float = ADDING_POINTS) -> None:
    """Add a case whose first answer does something else before it defines its app."""
    answers(name, points, says, greeting=f"{code}\n{GREETING}")


def response(name: str, body: str, says: str = "", *, points: float = ADDING_POINTS) -> None:
    """Add a case whose first app answers in its own way."""
    app = f"def greeting_app(environ, start_response):\n{body}\n"
    answers(name, points, says, greeting=app)


# --- what deserves all points, or none

answers("honest", FULL)
answers(
    "honest with classes",
    FULL,
    greeting="class Greeting:\n"
    "    def __call__(self, environ, start_response):\n"
    "        start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8')])\n"
    "        name = dict(part.split('=') for part in environ['QUERY_STRING'].split('&'))['name']\n"
    "        return ['Hello, '.encode(), name.encode(), b'!']\n"
    "greeting_app = Greeting()",
)
answers("hard-coded", 2, "Any name.", greeting=GREETING.replace("{name}", "Ada"), adding="")
answers("untouched", 0, greeting="", adding="")
answers("noisy", FULL, greeting=f"import sys, warnings\nprint('x', file=sys.stderr)\n{GREETING}")

# --- what does not end

attack("loop", "while True: pass", "ran for too long")
attack(
    "loop that swallows interrupts",
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "ran for too long",
)
attack(
    "loop with signals blocked",
    "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    "could not be stopped",
)
attack("loop in C", "sum(iter(int, 1))", "ran for too long")
attack("sleeper", "import time\ntime.sleep(10_000)", "ran for too long")

# --- what takes too much

attack("memory bomb", "x = b'x' * (3 * 2**30)", "memory")
attack(
    "memory bomb in children",
    "import os, time\n"
    "for _ in range(20):\n    if os.fork() == 0:\n        x = b'x' * (200 * 2**20)\n"
    "        time.sleep(60)\n"
    "time.sleep(20)",
    "memory",
)
attack(
    "process bomb",
    "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
)
attack(
    "thread bomb",
    "import threading, time\nwhile True:\n"
    "    threading.Thread(target=time.sleep, args=(99,)).start()",
)
attack("disk bomb", "open('x', 'wb').write(bytes(65 * 2**20))", "Error")
attack(
    "disk bomb in parts",
    "for n in range(100): open(f'/tmp/{n}', 'wb').write(bytes(2**20))",
    "No space left",
)
answers(
    "200 MB of output",
    FULL,
    greeting="for _ in range(2_000): print('x' * 100_000)\n" + GREETING,
)
answers(
    "output of the wrong kind",
    FULL,
    greeting="print('\\x1b[2J\\x07', '\\ud800')\n"
    "from IPython.display import HTML, display\n"
    f"display(HTML('<script>alert(1)</script>'))\n{GREETING}",
)

# --- what ends its own Python

attack("os._exit", "import os; os._exit(0)", "ended")
attack("SIGKILL to itself", "import os; os.kill(os.getpid(), 9)", "ended")
attack("SIGKILL to all", "import os; os.kill(-1, 9); os.kill(os.getpid(), 9)", "ended")
attack("segmentation fault", "import ctypes; ctypes.string_at(0)", "ended")
attack("closed handles", "import os; os.closerange(3, 4096)", "ended")
answers("sys.exit", FULL, greeting=f"{GREETING}\nimport sys; sys.exit()")
response("app that ends its process", "    import os\n    os._exit(0)")
answers("stopped shell", FULL, greeting=f"{GREETING}\nget_ipython().ask_exit()")

# --- what lies

FAKE = (
    "import requests, workbench, workbench.session\n"
    "class Fake:\n"
    "    text = 'Hello, Ada!'\n    status_code = 200\n    headers = {}\n"
    "    def json(self): return {'sum': 3}\n"
    "    def __eq__(self, other): return True\n"
    "    def get(self, *a, **k): return self\n"
)
answers(
    "fake client",
    0,
    greeting=FAKE + "requests.Session.request = requests.get = lambda *a, **k: Fake()\n"
    "workbench.connect = workbench.session.connect = connect = lambda name: Fake()",
    adding="",
)
answers(
    "equal to everything",
    0,
    greeting="class Equal(bytes):\n"
    "    def __eq__(self, other): return True\n    __hash__ = None\n"
    "def greeting_app(environ, start_response):\n"
    "    start_response('200 OK', [])\n    return [Equal(b'anything')]\n",
    adding="",
)
answers(
    "patched builtins",
    0,
    greeting="import builtins, json\nbuiltins.AssertionError = type('E', (BaseException,), {})\n"
    "builtins.print = lambda *a, **k: None\njson.loads = lambda *a, **k: {'sum': 3}\n"
    "import sys\nsys.excepthook = lambda *a: None\nget_ipython().showtraceback = lambda *a, **k: 0",
    adding="",
)
answers(
    "forged answers",
    0,
    greeting="import json, os\n"
    "for n in range(3, 64):\n    try:\n"
    "        os.write(n, json.dumps({'outputs': [], 'problem': ''}).encode() + b'\\n')\n"
    "    except OSError:\n        pass",
    adding="",
)
answers(
    "search for hidden checks",
    0,
    greeting="import gc, glob, os\nfound = []\n"
    "for root, folders, names in os.walk('/'):\n"
    "    folders[:] = set(folders) - {'proc', 'sys', 'usr', 'lib', 'lib64'}\n"
    "    for name in names:\n        if name.endswith(('.ipynb', '.db')): found.append(name)\n"
    "found += [o for o in gc.get_objects() if isinstance(o, str) and 'HIDDEN' + ' TESTS' in o]\n"
    "for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):\n"
    "    try:\n        found += [path] if b'ipynb' in open(path, 'rb').read() else []\n"
    "    except OSError:\n        pass\n"
    "print('found:', found)",
    adding="",
)

# --- what reaches out

WRITES = (
    "import os, shutil\n"
    f"for path in ('COURSE', '{ESCAPED.parent}', '/usr', '/etc', '/home', '/'):\n"
    "    try:\n"
    f"        open(os.path.join(path, '{ESCAPED.name}'), 'w').write('x')\n"
    "        print('wrote', path)\n"
    "    except OSError:\n        pass\n"
)
answers("writes outside", FULL, greeting=WRITES + GREETING)
answers(
    "deletes the gradebook",
    FULL,
    greeting="import os, shutil\nfor path in ('COURSE/grading/gradebook.db', 'COURSE'):\n"
    "    shutil.rmtree(path, ignore_errors=True)\n"
    "    try:\n        os.remove(path)\n        print('removed')\n"
    "    except OSError:\n        pass\n" + GREETING,
)
answers(
    "edits the gradebook",
    0,
    greeting="import sqlite3\n"
    "base = sqlite3.connect('file:COURSE/grading/gradebook.db?mode=rw', uri=True)\n"
    "base.execute('UPDATE grade SET auto_score = 8')\nbase.commit()",
    adding="",
)
answers(
    "calls home",
    FULL,
    greeting="import socket\nfor host in ('192.0.2.1', '127.0.0.1', '10.0.0.1'):\n"
    "    try:\n        socket.create_connection((host, 22), 1)\n        print('connected')\n"
    "    except OSError:\n        pass\n" + GREETING,
)
answers(
    "leaves servers behind",
    FULL,
    greeting="import os, subprocess, sys\n"
    f"subprocess.Popen(['setsid', 'nohup', 'sleep', '{MARK}'], start_new_session=True)\n"
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    f"        os.execlp('sleep', 'sleep', '{MARK}')\n    os._exit(0)\n"
    "from workbench import serve\n" + GREETING + "server = serve(greeting_app)",
)

# --- apps that answer in their own way

OK = "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
response("endless answer", f"{OK}    while True: yield b'x' * 100_000", "larger than")
response(
    "drip", f"{OK}    import time\n    while True:\n        time.sleep(0.2)\n        yield b'x'"
)
response("huge answer", f"{OK}    return [b'x' * 200_000_000]", "larger than")
response(
    "endless headers",
    "    start_response('200 OK', [(f'X-{n}', 'x' * 999) for n in range(9999)])\n    return []",
)
response("never answers", "    import time\n    time.sleep(10_000)")
response(
    "redirect",
    "    start_response('302 Found', [('Location', 'http://127.0.0.1:1/')])\n    return []",
    "302",
)
response(
    "redirect to a file",
    "    start_response('302 Found', [('Location', 'file:///etc/passwd')])\n    return []",
    "302",
)
response(
    "compressed bomb",
    # 32 MB in 32 kB: larger ones only cost the app its time to pack them.
    "    import gzip\n    body = gzip.compress(bytes(2**25))\n"
    "    start_response('200 OK', [('Content-Encoding', 'gzip')])\n    return [body]",
    "larger than",
)
response(
    "double compression",
    "    start_response('200 OK', [('Content-Encoding', 'gzip, gzip')])\n    return [b'x']",
    "for which nobody asked",
)
response("no HTTP", "    environ['werkzeug.socket'].sendall(b'\\0' * 99)\n    return []")
answers(
    "socket that never answers",
    0,
    greeting="import grading.sandboxed.candidate as candidate\n"
    f"candidate._accept = lambda listener, place: None\n{GREETING}",
)

# --- notebooks that were changed


def changed(name: str, points: float, says: str = "", **given: str) -> Callable[[Any], Any]:
    """Add a case whose function changes a notebook in which everything is right."""

    def add(change: Callable[[Any], object]) -> Callable[[Any], object]:
        def make(course: SmallCourse) -> None:
            notebook = course.answered({**RIGHT, **given})
            change(notebook)
            course.hand_in(name, notebook)

        CASES.append(Case(name, make, points, says))
        return change

    return add


def checks(notebook: Any) -> list[Any]:
    """The checks of a notebook."""
    return [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]


@changed("deleted checks", FULL, "was deleted, and put back")
def _(notebook: Any) -> None:
    for cell in checks(notebook):
        notebook.cells.remove(cell)


@changed("everything deleted", 0, "was deleted, and put back")
def _(notebook: Any) -> None:
    notebook.cells.clear()


@changed("edited checks", 0, "was changed; it ran as it was released", greeting="", adding="")
def _(notebook: Any) -> None:
    for cell in checks(notebook):
        cell.source = "print('passed')"


@changed("duplicated checks", ADDING_POINTS, "there were 3 cells", greeting="")
def _(notebook: Any) -> None:
    cell = cell_named(notebook, "greeting_check")
    for _ in range(2):
        copy = new_code_cell("8")
        copy.metadata = cell.metadata
        notebook.cells.insert(0, copy)


@changed("duplicated answers", FULL, "there were 2 cells")
def _(notebook: Any) -> None:
    cell = cell_named(notebook, "greeting")
    copy = new_code_cell(cell.source)
    copy.metadata = cell.metadata
    notebook.cells.insert(notebook.cells.index(cell), copy)


@changed("forged check", 0, "which is no task", greeting="", adding="")
def _(notebook: Any) -> None:
    for name in ("bonus", "greeting_check_2"):
        cell = new_code_cell("100")
        cell.metadata["nbgrader"] = checks(notebook)[0].metadata.nbgrader | {
            "grade_id": name,
            "points": 100,
        }
        notebook.cells.append(cell)


@changed("forged points", FULL)
def _(notebook: Any) -> None:
    for cell in checks(notebook):
        cell.metadata.nbgrader.points = 1_000


@changed("answers that claim to be checks", 0, greeting="", adding="")
def _(notebook: Any) -> None:
    for name in ("greeting", "adding"):
        cell_named(notebook, name).metadata.nbgrader |= {"grade": True, "points": 8}


@changed("checks that claim to be answers", 0, greeting="", adding="")
def _(notebook: Any) -> None:
    for cell in checks(notebook):
        cell.metadata.nbgrader |= {"solution": True, "locked": False}
        cell.source = "8"


@changed("checks at the top", FULL, "stood before its task")
def _(notebook: Any) -> None:
    moved = checks(notebook)
    notebook.cells[:] = moved + [cell for cell in notebook.cells if cell not in moved]


@changed("answers as text", FULL, "was no code cell")
def _(notebook: Any) -> None:
    for name in ("greeting", "adding"):
        cell = cell_named(notebook, name)
        text = new_markdown_cell(cell.source)
        text.metadata = cell.metadata
        notebook.cells[notebook.cells.index(cell)] = text


@changed("wrong kernel", FULL)
def _(notebook: Any) -> None:
    notebook.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia"}


@changed("metadata of the wrong kind", FULL, "was deleted, and put back")
def _(notebook: Any) -> None:
    for cell in checks(notebook):
        cell.metadata["nbgrader"] = {"grade_id": ["a", "list"], "grade": "yes"}


@changed("script in a text", FULL)
def _(notebook: Any) -> None:
    notebook.cells.insert(
        0, new_markdown_cell("<script>alert(1)</script><img src=x onerror=alert(1)>")
    )


# --- files that are no such notebook


def file(name: str, data: bytes, points: float | None, says: str) -> None:
    """Add a case whose notebook is a file with this in it."""

    def make(course: SmallCourse) -> None:
        folder = course.handed_in / name
        folder.mkdir()
        (folder / f"{NOTEBOOK}.ipynb").write_bytes(data)

    CASES.append(Case(name, make, points, says))


file("corrupt JSON", b'{"cells": [', None, "is not JSON")
file("empty file", b"", None, "is not JSON")
file("not UTF-8", b"\xff\xfe{}", None, "is not JSON")
file("nested without end", b"[" * 1_000_000, None, "is not JSON")
file("some other JSON", b'["not", "a", "notebook"]', None, "not a Jupyter notebook")
file("old format", b'{"nbformat": 3, "worksheets": []}', None, "not a Jupyter notebook")
file("cells of the wrong kind", b'{"nbformat": 4, "cells": [7]}', None, "damaged Jupyter notebook")
file("too large", b" " * 11_000_000, None, "larger than")


@case("thousands of cells", None, "more than 1,000 cells")
def _(course: SmallCourse) -> None:
    notebook = course.answered()
    notebook.cells += [new_code_cell("1") for _ in range(2_000)]
    course.hand_in("thousands of cells", notebook)


@case("no notebook", None, "There is no notebook in it")
def _(course: SmallCourse) -> None:
    (course.handed_in / "no notebook").mkdir()
    (course.handed_in / "no notebook" / "apps.py").write_text(GREETING)


@case("another notebook", 0, "was not handed in")
def _(course: SmallCourse) -> None:
    folder = course.hand_in("another notebook", course.answered())
    (folder / f"{NOTEBOOK}.ipynb").rename(folder / "Untitled.ipynb")


# --- ways to hand in


@case("link", FULL, "is a link")
def _(course: SmallCourse) -> None:
    folder = course.hand_in("link", course.answered())
    (folder / "gradebook.db").symlink_to(course.folder / "grading" / "gradebook.db")
    (folder / "outside").symlink_to("/etc")


@case("link as the notebook", None, "There is no notebook in it")
def _(course: SmallCourse) -> None:
    folder = course.handed_in / "link as the notebook"
    folder.mkdir()
    solution = course.folder / "solutions" / "01_small" / f"{NOTEBOOK}.ipynb"
    (folder / f"{NOTEBOOK}.ipynb").symlink_to(solution)


@case("archive that climbs", FULL, "leads out of its folder")
def _(course: SmallCourse) -> None:
    with zipfile.ZipFile(course.handed_in / "archive that climbs.zip", "w") as archive:
        archive.writestr(f"{NOTEBOOK}.ipynb", json.dumps(as_json(course.answered())))
        archive.writestr("../../../escaped.ipynb", "{}")
        archive.writestr(str(ESCAPED), "x")


@case("archive with a link", FULL, "is a link")
def _(course: SmallCourse) -> None:
    with tarfile.open(course.handed_in / "archive with a link.tar.gz", "w:gz") as archive:
        data = json.dumps(as_json(course.answered())).encode()
        member = tarfile.TarInfo(f"{NOTEBOOK}.ipynb")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("passwords")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)


@case("archive that is a bomb", None, "larger than")
def _(course: SmallCourse) -> None:
    path = course.handed_in / "archive that is a bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.bin", bytes(40_000_000))


@case("archive that is none", None, "not an archive that can be read")
def _(course: SmallCourse) -> None:
    (course.handed_in / "archive that is none.zip").write_bytes(b"PK\x03\x04 broken")


@case("Zoë 学生 (O'Neil) & Söhne; rm -rf", FULL)
def _(course: SmallCourse) -> None:
    course.hand_in("Zoë 学生 (O'Neil) & Söhne; rm -rf", course.answered())


@case("=HYPERLINK(1)", FULL)
def _(course: SmallCourse) -> None:
    course.hand_in("=HYPERLINK(1)", course.answered())


@case("files beside", FULL)
def _(course: SmallCourse) -> None:
    given = {**RIGHT, "greeting": f"assert open('data/a.txt').read() == 'x'\n{GREETING}"}
    folder = course.hand_in("files beside", course.answered(given))
    (folder / "data").mkdir()
    (folder / "data" / "a.txt").write_text("x")
