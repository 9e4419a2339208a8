"""The Flask backend keeps the whole contract, however it is served."""

import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mixtape.contract.exchange import Client
from mixtape.contract.rules import LEVELS
from mixtape.contract.runner import run
from mixtape.flask_app import create_app
from workbench import Server, serve

APP = "mixtape.flask_app:create_app()"
START = 90.0  # seconds that a process may take to start while the machine is busy

gunicorn_runs_here = pytest.mark.skipif(
    sys.platform == "win32", reason="gunicorn does not exist for Windows"
)


def assert_keeps_all(server: Server) -> None:
    results = run(server.url, LEVELS)
    assert [result for result in results if result.outcome != "passed"] == []
    assert "Traceback" not in server.log


def test_in_a_thread_and_again_on_the_same_database(database_url: str) -> None:
    with serve(create_app(database_url), name="flask") as server:
        assert_keeps_all(server)
        assert_keeps_all(server)


def test_in_a_thread_with_a_database_in_memory() -> None:
    with serve(create_app("sqlite://"), name="flask") as server:
        assert_keeps_all(server)


@gunicorn_runs_here
@pytest.mark.parametrize(("workers", "threads"), [(2, 4), (4, 1)])
def test_in_gunicorn_with_workers_that_share_a_new_database(
    workers: int, threads: int, database_url: str
) -> None:
    env = {"DATABASE_URL": database_url}
    with serve(APP, "gunicorn", workers=workers, threads=threads, env=env, timeout=START) as server:
        assert_keeps_all(server)


def test_in_waitress(database_url: str) -> None:
    with serve(
        APP, "waitress", threads=8, env={"DATABASE_URL": database_url}, timeout=START
    ) as server:
        assert_keeps_all(server)


def test_flask_run_keeps_its_data_in_the_current_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "mixtape.flask_app", "run"]
    with serve(
        [*command, "--port", "{port}"], cwd=tmp_path, env={"DATABASE_URL": ""}, timeout=START
    ) as server:
        created = Client(server.url).create({"title": "x", "artist": "y", "seconds": 1})
    with serve(create_app(f"sqlite:///{tmp_path.as_posix()}/mixtape.db"), name="again") as server:
        Client(server.url).get(f"/tracks/{created['id']}").must_be(200).track(**created)


def test_a_failure_is_a_500_that_gives_nothing_away(database_url: str, tmp_path: Path) -> None:
    app = create_app(database_url)
    with sqlite3.connect(tmp_path / "mixtape.db") as connection:
        connection.execute("DROP TABLE tracks")
    connection.close()
    with serve(app, name="flask") as server:
        answer = Client(server.url).get("/tracks").must_be(500)
        assert answer.problem()["title"] == "Internal Server Error"
        assert b"tracks" not in answer.body
        assert "no such table" in server.log


def test_an_id_is_not_given_twice(database_url: str) -> None:
    client = create_app(database_url).test_client()
    track = {"title": "x", "artist": "y", "seconds": 1}
    first = client.post("/tracks", json=track).json["id"]
    assert client.delete(f"/tracks/{first}").status_code == 204
    assert client.post("/tracks", json=track).json["id"] > first


@pytest.fixture(
    scope="module", params=["thread", pytest.param("gunicorn", marks=gunicorn_runs_here)]
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    url = f"sqlite:///{tmp_path_factory.mktemp('data').as_posix()}/mixtape.db"
    if request.param == "thread":
        served = serve(create_app(url), name="module")
    else:
        served = serve(
            APP, request.param, workers=2, threads=2, env={"DATABASE_URL": url}, timeout=START
        )
    with served:
        yield served


def test_a_body_that_announces_too_much_is_refused_before_it_comes(server: Server) -> None:
    answer = send_raw(
        server,
        b"POST /tracks HTTP/1.1",
        b"Content-Type: application/json",
        b"Content-Length: 9000000000",
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    "path",
    [
        "//tracks//1",
        "/tracks//1",
        "/tracks/",
        "/tracks/%D9%A1",
        "/tracks/01",
        "/%2e%2e/etc",
        "/%00",
    ],
)
def test_odd_paths_are_problems_and_never_pages_or_redirects(server: Server, path: str) -> None:
    answer = send_raw(server, f"GET {path} HTTP/1.1".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=%00", 0),
        ("q=%00%25", 0),
        ("artist=%00", 0),
        ("q=" + "x" * 3000, 0),
        ("artist=" + "x" * 3000, 0),
        ("q=%ED%A0%80", 0),
        ("q=%FF", 0),
        ("q=&artist=", None),
        ("limit=5&limit=6&other=1", None),
    ],
)
def test_odd_queries_are_answered(server: Server, query: str, total: int | None) -> None:
    Client(server.url).create({"title": "x", "artist": "y", "seconds": 1})
    answer = Client(server.url).send("GET", f"/tracks?{query}")
    items, got = answer.page()
    assert (got > 0 and items) if total is None else got == total


@pytest.mark.parametrize(
    "limit", ["1_0", "%2010", "%2B5", "%D9%A1", "0x5", "1e1", "5.0", "9" * 3000]
)
def test_odd_limits_are_no_integers(server: Server, limit: str) -> None:
    Client(server.url).send("GET", f"/tracks?limit={limit}").refused("limit")
    Client(server.url).send("GET", f"/tracks?offset={limit}").refused("offset")


def test_an_offset_as_large_as_an_integer_can_be_is_past_the_end(server: Server) -> None:
    client = Client(server.url)
    assert client.get("/tracks", offset=2**63 - 1).page()[0] == []
    client.get("/tracks", offset=2**63).refused("offset")


def test_head_and_options(server: Server) -> None:
    head = requests.head(f"{server.url}/tracks", timeout=5)
    assert (head.status_code, head.content) == (200, b"")
    options = requests.options(f"{server.url}/tracks", timeout=5)
    assert {"GET", "POST"} <= set(options.headers["Allow"].split(", "))


def test_the_longest_body_is_taken_with_and_without_its_length(server: Server) -> None:
    body = b'{"title": "x", "artist": "y", "seconds": 1}'.ljust(1_000_000)
    client = Client(server.url)
    client.send("POST", "/tracks", body).must_be(201)
    client.send("POST", "/tracks", iter([body])).must_be(201)
    client.send("POST", "/tracks", body + b" ").must_be(413).problem()
    client.send("POST", "/tracks", iter([body, b" "])).must_be(413).problem()


def send_raw(server: Server, *lines: bytes) -> bytes:
    """Send a request that no client would send; return the beginning of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"\r\n".join([*lines, b"Host: x", b"Connection: close", b"", b""]))
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        return answer
