"""Load and measurements, on real servers. No test asserts an absolute speed."""

import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask, request

from workbench import Load, Measurement, load, measure, processes, serve
from workbench.load_generator import percentile


class Answers(BaseHTTPRequestHandler):
    """Answers in each way that HTTP knows to say where an answer ends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # answers in several pieces would wait 40 ms each

    def do_GET(self) -> None:
        match self.path:
            case "/length":
                self._head(200, {"Content-Length": "2000"})
                self.wfile.write(b"x" * 2000)
            case "/chunks":
                self._head(200, {"Transfer-Encoding": "chunked"})
                for part in (
                    b"5\r\nhel",
                    b"lo\r",
                    b"\n3;a=b\r\nabc\r\n",
                    b"0\r\nTrailer: x\r\n\r\n",
                ):
                    self.wfile.write(part)
            case "/close":
                self._head(200, {"Connection": "close"})
                self.wfile.write(b"until the end")
                self.close_connection = True
            case "/last":
                self._head(200, {"Connection": "close", "Content-Length": "1"})
                self.wfile.write(b"x")
                self.close_connection = True
            case "/nothing":
                self._head(204, {})
            case "/continue":
                self.wfile.write(b"HTTP/1.1 102 Processing\r\n\r\n")
                self._head(200, {"Content-Length": "0"})
            case "/missing":
                self._head(404, {"Content-Length": "0"})
            case "/broken":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly")
                self.close_connection = True

    def do_HEAD(self) -> None:
        self._head(200, {"Content-Length": "2000"})

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def answers() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/length", "/chunks", "/close", "/last", "/nothing", "/continue"])
def test_load_reads_every_kind_of_answer(path: str, answers: str) -> None:
    result = load(answers + path, clients=2, seconds=0.3)
    assert result.failures == 0
    assert result.requests > 2
    assert result.per_second == pytest.approx(result.requests / result.seconds)
    assert 0.2 < result.seconds < 3
    assert 0 < result.p50_ms <= result.p99_ms < 1000 * result.seconds


def test_load_reads_answers_without_a_body(answers: str) -> None:
    result = load(answers + "/length", clients=2, seconds=0.3, method="HEAD")
    assert result.failures == 0
    assert result.requests > 2


def test_load_counts_failures(answers: str) -> None:
    result = load(answers + "/missing", clients=2, seconds=0.2)
    assert result.failures == result.requests > 0
    result = load(answers + "/broken", clients=2, seconds=0.2)
    assert (result.requests, result.failures > 0) == (0, True)
    assert math.isnan(result.p50_ms)


@pytest.mark.parametrize(
    "body", [{"title": "Blüte"}, '{"title": "Blüte"}', b'{"title": "Bl\xc3\xbcte"}']
)
def test_load_sends_method_body_and_headers(body: object) -> None:
    app = Flask("app")
    seen: set[tuple[Any, ...]] = set()

    @app.put("/tracks/<int:number>")
    def change(number: int) -> str:
        title = request.get_json(force=True)["title"]
        seen.add((number, title, request.headers["X-Token"], request.args["q"], request.mimetype))
        return "ok"

    server = serve(app)
    result = load(
        f"{server.url}/tracks/7?q=a b",
        clients=1,
        seconds=0.2,
        method="put",
        body=body,
        headers={"X-Token": "secret"},
    )
    assert result.failures == 0
    kind = "application/json" if isinstance(body, dict) else ""
    assert seen == {(7, "Blüte", "secret", "a b", kind)}


def test_load_runs_with_and_without_uvloop(answers: str) -> None:
    job = {
        "host": "127.0.0.1",
        "port": int(answers.rpartition(":")[2]),
        "clients": 2,
        "seconds": 0.2,
        "request": "GET /length HTTP/1.1\r\nHost: here\r\n\r\n",
    }
    without = (
        "import sys; sys.modules['uvloop'] = None; import workbench.load_generator as g; g.main()"
    )
    for command in (["-c", without], ["-m", "workbench.load_generator"]):
        done = subprocess.run(
            [sys.executable, *command],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        assert json.loads(done.stdout)["requests"] > 2


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("https://127.0.0.1/", {}, "servers of this computer only"),
        ("http://example.com/", {}, "servers of this computer only"),
        ("/tracks", {}, "servers of this computer only"),
        ("http://localhost/", {"clients": 0}, "at least one client"),
        ("http://localhost/", {"seconds": 0}, "more than 0 seconds"),
    ],
)
def test_load_refuses_what_makes_no_sense(url: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load(url, **options)


def test_load_says_that_nobody_listens() -> None:
    with pytest.raises(ConnectionError, match="does the server still run"):
        load(f"http://127.0.0.1:{processes.free_port()}/")


def test_percentiles() -> None:
    assert percentile([1, 2, 3, 4], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([5], 0.99) == 5


class TestMeasure:
    def test_all_processes_of_a_server_count(self, shop: Path) -> None:
        """Granian's parent only waits: what is measured is the work of its worker."""
        server = serve("shop:asgi", "granian", cwd=shop, access_log=False)
        found = measure(server, "/", clients=2, seconds=0.6)
        assert isinstance(found, Measurement)
        assert found.failures == 0
        assert found.per_second > 0
        assert 0 < found.p50_ms <= found.p99_ms
        cpu_seconds_a_second = found.cpu_ms_per_request * found.per_second / 1000
        assert 0 < cpu_seconds_a_second < (os.cpu_count() or 1) + 0.5
        parent = psutil.Process(server.pid).memory_info().rss / 1e6
        assert parent < found.rss_mb < 2000

    def test_a_thread_is_refused(self) -> None:
        app = Flask("app")
        with pytest.raises(ValueError, match=r"share one GIL.*serve\(\"shop:app\", \"gunicorn\"\)"):
            measure(serve(app))

    def test_other_things_are_refused(self, shop: Path, eventually: Callable[..., bool]) -> None:
        with pytest.raises(TypeError, match="what serve"):
            measure("http://127.0.0.1:8000")  # type: ignore[arg-type]
        server = serve("shop:app", "waitress", cwd=shop)
        server.stop()
        with pytest.raises(ValueError, match="has stopped"):
            measure(server)


def test_results_are_plain_values() -> None:
    result = Load(requests=2, failures=0, seconds=1.0, per_second=2.0, p50_ms=1.0, p99_ms=2.0)
    assert result == Load(2, 0, 1.0, 2.0, 1.0, 2.0)
