"""What a stranger's server sends costs a check little, whatever it is."""

import contextlib
import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from grading import guarded
from grading.guarded import GuardedSession

Serve = Callable[[Callable[[socket.socket], None]], GuardedSession]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serve each connection with a function, and return a session with it."""
    monkeypatch.setattr(guarded, "SECONDS", 1.0)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "app"))
    listener.listen()

    def start(answer: Callable[[socket.socket], None]) -> GuardedSession:
        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1 << 16)
                    with contextlib.suppress(OSError):
                        answer(connection)

        threading.Thread(target=run, daemon=True).start()
        return GuardedSession(tmp_path / "app")

    yield start
    listener.close()


def response(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_an_ordinary_answer_is_read(serve: Serve) -> None:
    body = json.dumps({"title": "Für Elise"}).encode()
    http = serve(lambda to: to.sendall(response(body, "Content-Type: application/json")))
    answer = http.post("/tracks?x=1", json={})
    assert answer.json() == {"title": "Für Elise"}
    assert answer.request.path_url == "/tracks?x=1"
    assert http.get("/tracks").status_code == 200


def test_chunks_are_put_together(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert serve_once(serve, head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").text == "abcde"


def test_gzip_is_unpacked(serve: Serve) -> None:
    packed = response(gzip.compress(b"abc"), "Content-Encoding: gzip")
    assert serve_once(serve, packed).text == "abc"


def serve_once(serve: Serve, data: bytes) -> requests.Response:
    return serve(lambda to: to.sendall(data)).get("/")


def drip(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        to.sendall(b"x")
        time.sleep(0.05)


def endless_headers(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        to.sendall(b"X-A: " + b"a" * 1000 + b"\r\n")


def endless_body(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        to.sendall(b"x" * (1 << 16))


def endless_chunks(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        to.sendall(b"1\r\nx\r\n" * 1000)


def endless_interim(to: socket.socket) -> None:
    while True:
        to.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def slow_headers(to: socket.socket) -> None:
    for character in "HTTP/1.1 200 OK\r\nX-A: " + "a" * 1000:
        to.sendall(character.encode())
        time.sleep(0.05)


def silent(to: socket.socket) -> None:
    time.sleep(5)


def bomb(to: socket.socket) -> None:
    packed = zlib.compress(bytes(50_000_000), 9)
    to.sendall(response(packed, "Content-Encoding: deflate"))


def bomb_in_a_bomb(to: socket.socket) -> None:
    packed = gzip.compress(gzip.compress(bytes(50_000_000)))
    to.sendall(response(packed, "Content-Encoding: gzip, gzip"))


@pytest.mark.parametrize(
    "answer",
    [
        drip,
        endless_headers,
        endless_body,
        endless_chunks,
        endless_interim,
        slow_headers,
        silent,
        bomb,
        bomb_in_a_bomb,
        lambda to: to.sendall(b"no HTTP at all\r\n\r\n"),
        lambda to: to.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        lambda to: to.sendall(response(b"x", "Content-Encoding: br")),
        lambda to: to.sendall(response(b"not gzip", "Content-Encoding: gzip")),
        lambda to: to.close(),
    ],
)
def test_a_hostile_answer_costs_a_second_and_is_an_error(
    serve: Serve, answer: Callable[[socket.socket], None]
) -> None:
    http = serve(answer)
    began = time.monotonic()
    with pytest.raises((requests.RequestException, OSError)):
        http.get("/")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("length", ["-5", "9" * 5000, "abc", "0x5"])
def test_a_length_that_makes_no_sense_does_no_harm(serve: Serve, length: str) -> None:
    data = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nabc".encode()
    with contextlib.suppress(requests.RequestException):
        assert serve_once(serve, data).content in (b"", b"abc")


def test_a_redirect_is_not_followed_to_another_place(serve: Serve) -> None:
    away = response(b"", "Location: http://192.0.2.1/", status="302 Found")
    http = serve(lambda to: to.sendall(away))
    assert http.get("/").status_code == 302
    with pytest.raises(ValueError, match="one backend only"):
        http.get("/", allow_redirects=True)
    with pytest.raises(ValueError, match="one backend only"):
        http.get("http://192.0.2.1/")


def test_the_environments_proxies_are_left_alone(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    assert serve_once(serve, response(b"here")).text == "here"


@pytest.mark.parametrize("charset", ["utf-7", "idna", "zlib_codec", "no-such", "rot13"])
def test_an_encoding_is_no_program_and_no_guess(serve: Serve, charset: str) -> None:
    data = response("é".encode(), f"Content-Type: text/plain; charset={charset}")
    assert serve_once(serve, data).text == "é"
