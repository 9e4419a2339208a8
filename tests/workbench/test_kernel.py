"""Promises that only a real notebook kernel can prove or break."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import requests
from nbclient import NotebookClient

from workbench.kernels import kernel_settings

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL and no forks")

APPS = """
import logging, sys, threading, warnings
from flask import Flask
from fastapi import FastAPI
from workbench import check, connect, serve
warnings.simplefilter("always")
app, api = Flask("app"), FastAPI()

@app.get("/")
@api.get("/")
def home():
    print("printed")
    print("to stderr", file=sys.stderr)
    warnings.warn("this is old", DeprecationWarning)
    logging.error("logged")
    return "hello"

@app.get("/bad")
@api.get("/bad")
async def bad():
    raise LookupError("no such track")

app.view_functions["bad"] = lambda: 1 / 0
"""

TWO_PROCESSES = """
from workbench import serve
first = serve("shop:app", "gunicorn", workers=2)
second = serve("shop:asgi", "uvicorn")
print(first.url, second.url)
"""


def alive(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that have not ended; one that ended may wait for its parent."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def test_a_notebook_stays_quiet_and_the_log_has_it_all(tmp_path: Path) -> None:
    cells = [
        APPS,
        """
for target in (app, api):
    server = serve(target, name="quiet")
    http = connect(server)
    print(http.get("/").status_code, http.get("/bad").status_code)
    print(server.log, end="")
""",
        """
logging.basicConfig(level="INFO")
server = serve(app)
print(connect("app").get("/bad").status_code, connect(server).get("/").status_code)
print("logged" in server.log, "ERROR:root:" in server.log)
""",
        "logging.error('of the notebook itself')",
        "server",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    place = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=60, resources=place, config=kernel_settings()
    )
    client.execute()
    outputs: list[dict[str, str]] = []
    for cell in notebook.cells:
        outputs.append({})
        for output in cell.outputs:
            kind = output.get("name", output.output_type)
            text = output.get("text") or output.data["text/plain"]
            outputs[-1][kind] = outputs[-1].get(kind, "") + text
    assert outputs[0] == {}
    assert outputs[2] == {"stdout": "500 200\nTrue True\n"}
    assert outputs[3] == {"stderr": "ERROR:root:of the notebook itself\n"}
    assert outputs[4] == {"execute_result": "<Server 'Flask' (thread), running>"}
    assert outputs[1].keys() == {"stdout"}
    flask, _, fastapi = outputs[1]["stdout"].partition("200 500\n")[2].partition("200 500\n")
    for log in (flask, fastapi):
        assert log.startswith("printed\nto stderr\n")
        assert "\nNotebook cell, line 13: DeprecationWarning: this is old\n" in log
        assert "\nERROR:root:logged\n" in log or "\nlogged\n" in log
        assert "\nGET / 200\n" in log
        assert "Traceback (most recent call last):\n" in log
        assert log.endswith("\nGET /bad 500\n")
    assert "ZeroDivisionError: division by zero\n" in flask
    assert (
        "  Notebook cell, line 20, in bad\n"
        '    raise LookupError("no such track")\n'
        "LookupError: no such track\n" in fastapi
    )
    assert "ipykernel" not in flask + fastapi


class TestCells:
    """Cells of one kernel; each test uses cell ids of its own."""

    @pytest.fixture(scope="class", autouse=True)
    @staticmethod
    def apps(kernel: Any) -> None:
        assert kernel.run(APPS)["error"] == ""

    def test_running_a_cell_again_replaces_its_server(self, kernel: Any) -> None:
        kernel.run("one = serve(app); old = one", cell="a")
        kernel.run("one = serve(app)", cell="a")
        assert kernel.value("old.running, one.running") == "(False, True)"

    def test_two_cells_have_a_server_each(self, kernel: Any) -> None:
        kernel.run("one = serve(app)", cell="a")
        kernel.run("two = serve(app)", cell="b")
        assert kernel.value("one.running, two.running") == "(True, True)"

    def test_a_cell_with_two_servers(self, kernel: Any) -> None:
        kernel.run("pair = serve(app), serve(api); old = pair", cell="c")
        assert kernel.value("[s.running for s in old]") == "[True, True]"
        kernel.run("pair = serve(app), serve(api)", cell="c")
        assert kernel.value("[s.running for s in old + pair]") == "[False, False, True, True]"
        kernel.run("single = serve(app)", cell="c")
        assert kernel.value("[s.running for s in pair]") == "[False, False]"

    def test_without_ids_the_text_of_the_cell_counts(self, kernel: Any) -> None:
        source = "history = [*globals().get('history', []), serve(app)]"
        kernel.run(source)
        kernel.run(source)
        kernel.run("other = serve(app)")
        assert (
            kernel.value("[s.running for s in history], other.running") == "([False, True], True)"
        )

    def test_a_name_holds_across_cells(self, kernel: Any) -> None:
        kernel.run("one = serve(app, name='mine')", cell="d")
        kernel.run("two = serve(api, name='mine')", cell="e")
        assert kernel.value("one.running, two.running") == "(False, True)"

    def test_processes_are_replaced_too(self, kernel: Any) -> None:
        kernel.run("one = serve('shop:app', 'waitress'); old = one", cell="f")
        kernel.run("one = serve('shop:asgi', 'uvicorn')", cell="f")
        assert kernel.value("old.running, one.running") == "(False, True)"

    def test_connect_by_name(self, kernel: Any) -> None:
        assert kernel.value("connect('app').get('/').text") == "'hello'"
        kernel.run("api = FastAPI()")
        assert kernel.value("connect('api').get('/').status_code") == "404"

    def test_connect_to_a_missing_name(self, kernel: Any) -> None:
        error = kernel.run("connect('shop')")["error"]
        assert error == (
            "NameError: there is no object called 'shop' yet: run the cell that makes it, "
            "and mend the error if it shows one"
        )

    def test_connect_to_something_else(self, kernel: Any) -> None:
        kernel.run("number = 3")
        error = kernel.run("connect('number')")["error"]
        assert error.startswith(
            "TypeError: number: an object of type 'int' is not a web application"
        )

    def test_connecting_does_not_stop_what_a_cell_serves(self, kernel: Any) -> None:
        kernel.run("one = serve(app)", cell="g")
        kernel.run("http = connect('app')", cell="h")
        assert kernel.value("one.running, http.server.running") == "(True, True)"

    def test_django_is_allowed_in_a_kernel(self, kernel: Any) -> None:
        assert kernel.value("__import__('os').environ['DJANGO_ALLOW_ASYNC_UNSAFE']") == "'1'"

    @POSIX_ONLY
    def test_interrupting_a_cell_leaves_servers_running(self, kernel: Any) -> None:
        kernel.run("a, b = serve(app), serve(api)", cell="i")
        kernel.run("c = serve('shop:app', 'gunicorn'); d = serve('shop:asgi', 'uvicorn')", cell="j")
        request = kernel.start("import time; print('begun', flush=True); time.sleep(30)")
        while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        kernel.manager.interrupt_kernel()
        assert kernel.finish(request)["error"].startswith("KeyboardInterrupt")
        answers = "[connect(s).get('/').status_code for s in (a, b, c, d)]"
        assert kernel.value(answers) == "[200, 404, 200, 200]"

    @POSIX_ONLY
    def test_interrupting_a_start_leaves_nothing(
        self, kernel: Any, eventually: Callable[..., bool]
    ) -> None:
        before = len(alive(kernel.descendants()))
        request = kernel.start("print('begun', flush=True); serve('python slow.py')", cell="k")
        while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        kernel.manager.interrupt_kernel()
        assert kernel.finish(request)["error"].startswith("KeyboardInterrupt")
        assert eventually(lambda: len(alive(kernel.descendants())) == before)

    @POSIX_ONLY
    def test_a_child_that_ends_leaves_the_servers_of_its_parent_alone(self, kernel: Any) -> None:
        kernel.run("one, two = serve(app), serve('shop:app', 'waitress')", cell="n")
        out = kernel.run(
            "import os\nfrom workbench import serving\nchild = os.fork()\n"
            "if not child:\n    serving._stop_all()\n    os._exit(0)\n"
            "print(os.waitpid(child, 0)[1], one.running, two.running)"
        )
        assert out["stdout"] == "0 True True\n"

    def test_nothing_arrives_after_the_cells(self, kernel: Any) -> None:
        kernel.run("one = serve(app)", cell="l")
        url = kernel.value("one.url").strip("'")
        assert requests.get(url, timeout=5).status_code == 200
        assert requests.get(f"{url}/bad", timeout=5).status_code == 500
        assert kernel.late_output() == []


@POSIX_ONLY
class TestEnds:
    """However a kernel ends, its servers end within five seconds."""

    def test_kill_minus_nine(
        self, new_kernel: Callable[[], Any], eventually: Callable[..., bool]
    ) -> None:
        kernel = new_kernel()
        urls = kernel.run(TWO_PROCESSES)["stdout"].split()
        assert [requests.get(url, timeout=5).text for url in urls] == ["hello", "hello"]
        processes = kernel.descendants()
        # two guards, gunicorn and its two workers, uvicorn
        assert len(processes) == 6
        logs = [
            Path(word) for p in processes for word in p.cmdline() if word.endswith("server.log")
        ]
        assert len(logs) == 2
        kernel.process.kill()
        assert eventually(lambda: not alive(processes))
        assert not any(log.parent.exists() for log in logs)

    def test_kill_minus_nine_while_a_forked_child_holds_the_pipe(
        self, new_kernel: Callable[[], Any], eventually: Callable[..., bool]
    ) -> None:
        kernel = new_kernel()
        kernel.run(TWO_PROCESSES)
        processes = kernel.descendants()
        fork = (
            "import os, time\nchild = os.fork()\nif not child:\n    time.sleep(60)\n    os._exit(0)"
        )
        assert kernel.run(fork)["error"] == ""
        child = psutil.Process(int(kernel.value("child")))
        try:
            kernel.process.kill()
            assert eventually(lambda: not alive(processes))
            assert alive([child])
        finally:
            child.kill()

    def test_restart_and_shutdown(
        self, new_kernel: Callable[[], Any], eventually: Callable[..., bool]
    ) -> None:
        kernel = new_kernel()
        kernel.run(TWO_PROCESSES)
        processes = kernel.descendants()
        kernel.client.stop_channels()
        kernel.manager.restart_kernel()
        assert eventually(lambda: not alive(processes))
        kernel.connect()
        kernel.run("from workbench import serve; one = serve('shop:app', 'waitress')")
        processes = kernel.descendants()
        assert len(processes) == 2
        kernel.manager.shutdown_kernel()
        assert eventually(lambda: not alive(processes))


@POSIX_ONLY
def test_a_script_that_ends_takes_its_servers_along(
    shop: Path, eventually: Callable[..., bool]
) -> None:
    import subprocess
    import sys

    script = TWO_PROCESSES + "print(first.pid, second.pid)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=shop, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    pids = [int(pid) for pid in done.stdout.split()[-2:]]
    assert eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))


@POSIX_ONLY
def test_a_guard_that_is_asked_to_end_takes_its_server_along(
    shop: Path, eventually: Callable[..., bool]
) -> None:
    from workbench import serve

    server = serve("shop:app", "waitress", cwd=shop)
    process = psutil.Process(server.pid)
    process.parent().send_signal(signal.SIGTERM)
    assert eventually(lambda: not alive([process]))
    assert eventually(lambda: not server.running)
