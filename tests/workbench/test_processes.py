"""Server programs run in processes of their own."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from workbench import ServerFailed, connect, processes, serve
from workbench.serving import PortBusy

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="gunicorn runs on POSIX systems only")
GUNICORN = pytest.param("shop:app", "gunicorn", marks=POSIX_ONLY)


@pytest.mark.parametrize(
    ("target", "server"),
    [
        GUNICORN,
        ("shop:app", "waitress"),
        ("shop:app", "granian-wsgi"),
        ("shop:asgi", "uvicorn"),
        ("shop:asgi", "granian"),
        pytest.param("shop:create_app()", "gunicorn", marks=POSIX_ONLY),
        ("shop:create_app()", "waitress"),
        ("shop:create_app()", "granian-wsgi"),
        ("shop:create_asgi()", "uvicorn"),
        ("shop:create_asgi()", "granian"),
    ],
)
def test_every_server_serves_apps_and_factories(
    target: str,
    server: str,
    shop: Path,
    capfd: pytest.CaptureFixture[str],
    eventually: Callable[..., bool],
) -> None:
    lines = "()" not in target  # half of the cases go without the access log
    running = serve(target, server, cwd=shop, access_log=lines)
    assert repr(running) == f"<Server {target!r} ({server}), running>"
    assert running.pid is not None
    process = psutil.Process(running.pid)
    assert server.removesuffix("-wsgi") in " ".join(process.cmdline())
    answer = requests.get(running.url, timeout=5)
    assert (answer.status_code, answer.text) == (200, "hello")
    if lines and server != "waitress":  # which writes none; some write after they have answered
        assert eventually(lambda: "\nGET / 200\n" in running.log)
    else:
        assert "GET" not in running.log
    log = running.log
    assert "the shop opens" in log
    assert "-is-it-up-" not in log
    running.stop()
    assert not running.running
    assert not process.is_running()
    assert running.log.startswith(log)
    assert capfd.readouterr() == ("", "")


def test_any_command_line(shop: Path) -> None:
    with serve("python -m http.server {port} --bind 127.0.0.1", cwd=shop) as server:
        assert "def create_app" in requests.get(f"{server.url}/shop.py", timeout=5).text
        assert '"GET /shop.py HTTP/1.1" 200' in server.log
        assert psutil.Process(server.pid).exe() == psutil.Process().exe()


def test_a_command_as_a_list_with_words_that_a_shell_would_split(shop: Path) -> None:
    code = (
        "import os, http.server as s; "
        "s.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), s.SimpleHTTPRequestHandler)"
        ".serve_forever()"
    )
    server = serve([sys.executable, "-c", code], cwd=shop, name="mine")
    assert requests.get(f"{server.url}/shop.py", timeout=5).status_code == 200
    assert repr(server) == "<Server 'mine' (process), running>"


def test_environment_is_passed_on(shop: Path) -> None:
    server = serve("shop:app", "waitress", cwd=shop, env={"SETTING": "dark"})
    assert requests.get(f"{server.url}/setting", timeout=5).text == "dark"


@POSIX_ONLY
def test_workers_and_threads(shop: Path, eventually: Callable[..., bool]) -> None:
    server = serve("shop:app", "gunicorn", cwd=shop, workers=2, threads=3)
    workers = psutil.Process(server.pid).children
    assert eventually(lambda: len(workers()) == 2)
    assert "--threads 3" in " ".join(psutil.Process(server.pid).cmdline())
    assert "Using worker: gthread" in server.log
    seen = [*workers(), psutil.Process(server.pid)]
    server.stop()
    assert not any(process.is_running() for process in seen)
    with serve("shop:app", "waitress", cwd=shop, threads=3) as server:
        assert "--threads=3" in psutil.Process(server.pid).cmdline()


@POSIX_ONLY
def test_gunicorn_leaves_no_control_socket(shop: Path, tmp_path: Path) -> None:
    server = serve("shop:app", "gunicorn", cwd=shop, env={"HOME": str(tmp_path)})
    server.stop()
    assert list(tmp_path.rglob("*")) == []
    assert "control" not in server.log.lower()


def test_the_log_of_a_request_and_the_traceback(shop: Path) -> None:
    http = connect(serve("shop:app", "waitress", cwd=shop))
    http.get("/bad")
    response = http.get("/")
    assert "ZeroDivisionError" in http.server.log
    assert "ZeroDivisionError" not in response.server_log()


@pytest.mark.parametrize(
    ("target", "server", "reason"),
    [
        pytest.param("broken:app", "gunicorn", "exit code 3", marks=POSIX_ONLY),
        ("broken:app", "waitress", "ended while it was starting"),
        ("broken:app", "uvicorn", "exit code 1"),
        ("broken:app", "granian", "exit code 1"),
    ],
)
def test_an_import_error_is_shown(target: str, server: str, reason: str, shop: Path) -> None:
    with pytest.raises(ServerFailed, match=reason) as caught:
        serve(target, server, cwd=shop)
    assert "No module named 'a_module_that_nobody_wrote'" in str(caught.value)
    assert "The end of its log:" in str(caught.value)


def test_workers_that_fail_for_ever_are_given_up(shop: Path) -> None:
    with pytest.raises(ServerFailed, match="a_module_that_nobody_wrote"):
        serve("broken:app", "uvicorn", workers=2, cwd=shop)


def test_an_exit_code_is_shown(shop: Path) -> None:
    with pytest.raises(ServerFailed, match=r"with exit code 7. The end of its log:\n\nbye"):
        serve([sys.executable, "-c", "import sys; print('bye'); sys.exit(7)"], cwd=shop)


@POSIX_ONLY
def test_a_signal_is_shown(shop: Path) -> None:
    with pytest.raises(ServerFailed, match="with signal 9"):
        serve([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], cwd=shop)


def test_a_server_that_never_answers_is_stopped(shop: Path) -> None:
    children = set(psutil.Process().children())
    with pytest.raises(ServerFailed, match=r"did not answer within 1\.5 s on port \d+") as e:
        serve("python slow.py", cwd=shop, timeout=1.5)
    assert "\n\nthinking" in str(e.value)
    assert set(psutil.Process().children()) <= children


class TestPorts:
    def test_an_explicit_port(self, shop: Path) -> None:
        port = processes.free_port()
        server = serve("shop:app", "waitress", cwd=shop, port=port)
        assert server.url == f"http://127.0.0.1:{port}"
        again = serve("shop:asgi", "uvicorn", cwd=shop, port=port)
        assert (server.running, again.running) == (False, True)
        assert requests.get(again.url, timeout=5).text == "hello"

    def test_an_explicit_port_of_somebody_else(self, shop: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            with pytest.raises(PortBusy, match="choose another port"):
                serve("shop:app", "waitress", cwd=shop, port=other.getsockname()[1])

    def test_a_port_that_is_taken_meanwhile_is_replaced(
        self, shop: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken, free = other.getsockname()[1], processes.free_port()
            ports = iter([taken, free])
            monkeypatch.setattr(processes, "free_port", lambda: next(ports))
            assert serve("shop:asgi", "uvicorn", cwd=shop).port == free


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "options", "words"),
        [
            (["shop:app"], {}, "name the server program"),
            (["shop:app", "apache"], {}, "choose one of gunicorn, waitress"),
            (["shop", "waitress"], {}, 'serves a "module:app"'),
            (["shop:make('x')", "waitress"], {}, r"write 'shop:make\(\)'"),
            (["shop:app", "waitress"], {"workers": 2}, "use threads="),
            (["shop:asgi", "uvicorn"], {"threads": 2}, "no threads="),
            (["python slow.py"], {"workers": 2}, "of your own command line"),
            ([""], {}, "the command line is empty"),
            (["shop:app", "waitress"], {"cwd": "nowhere"}, "is not a folder"),
        ],
    )
    def test_options_that_do_not_fit(
        self, arguments: list[str], options: dict[str, Any], words: str, shop: Path
    ) -> None:
        with pytest.raises(ValueError, match=words):
            serve(*arguments, **{"cwd": shop, **options})

    def test_a_missing_program(self) -> None:
        with pytest.raises(
            ServerFailed, match=r"'node' was not found.*apt install nodejs.*brew.*winget"
        ):
            serve("node app.js {port}", env={"PATH": ""})

    def test_a_missing_server(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(ServerFailed, match=r"'granian' is not installed.*pip install granian"):
            serve("shop:app", "granian", cwd=shop)

    def test_gunicorn_on_windows(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes, "WINDOWS", True)
        with pytest.raises(ServerFailed, match=r"Linux and macOS only.*waitress.*uvicorn.*granian"):
            serve("shop:app", "gunicorn", cwd=shop)

    def test_a_file_that_cannot_run(self, shop: Path, tmp_path: Path) -> None:
        if os.name != "posix":
            pytest.skip("whether a file may run is a matter of its name on Windows")
        (tmp_path / "program").write_text("not a program")
        with pytest.raises(ServerFailed, match=r"'./program' could not be started: .*ermission"):
            serve("./program", cwd=tmp_path)


class TestWhichServerIsReplaced:
    one = "python -m http.server {port} --bind 127.0.0.1"
    other = "python -m http.server {port} --bind 127.0.0.1 --directory ."

    def test_the_same_target_again(self, shop: Path) -> None:
        servers = [serve(line, cwd=shop) for line in (self.one, self.one, self.other)]
        assert [server.running for server in servers] == [False, True, True]

    def test_the_same_name(self, shop: Path) -> None:
        servers = [serve(line, cwd=shop, name="files") for line in (self.one, self.other)]
        assert [server.running for server in servers] == [False, True]


def test_a_server_that_ends_by_itself_is_not_running(
    shop: Path, eventually: Callable[..., bool]
) -> None:
    server = serve("shop:app", "waitress", cwd=shop)
    psutil.Process(server.pid).kill()
    assert eventually(lambda: not server.running)
    assert repr(server).endswith("stopped>")
    assert "the shop opens" in server.log


@POSIX_ONLY
def test_a_server_that_ignores_requests_to_end_is_ended(shop: Path) -> None:
    stubborn = (
        "import http.server as s, os, signal, subprocess, sys; "
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        # a child that leaves the session, as database servers do
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], "
        "start_new_session=True); "
        "s.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), s.BaseHTTPRequestHandler)"
        ".serve_forever()"
    )
    server = serve([sys.executable, "-c", stubborn], cwd=shop, name="stubborn")
    tree = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    assert len(tree) == 2
    server.stop()
    assert not any(process.is_running() for process in tree)


def test_log_folders_are_removed(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes.tempfile, "tempdir", str(tmp_path))
    server = serve("shop:app", "waitress", cwd=shop)
    assert len(list(tmp_path.iterdir())) == 1
    server.stop()
    with pytest.raises(ServerFailed):
        serve("broken:app", "waitress", cwd=shop)
    assert list(tmp_path.iterdir()) == []
    assert "the shop opens" in server.log
