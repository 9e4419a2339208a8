"""App objects are served in a thread of this process."""

import logging
import socket
import sys
import threading
import time
import warnings
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from flask import Flask

from workbench import ServerFailed, connect, serve
from workbench.logs import LIMIT
from workbench.serving import PortBusy


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from " + environ["PATH_INFO"].encode()]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello from " + scope["path"].encode()})


class ASGIObject:
    """Its __call__ returns a coroutine but is no coroutine function."""

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return asgi(scope, receive, send)


def flask_app() -> Flask:
    app = Flask("app")
    app.add_url_rule("/tracks", view_func=lambda: "hello from /tracks")
    return app


def fastapi_app() -> FastAPI:
    from fastapi.responses import PlainTextResponse

    app = FastAPI()
    app.get("/tracks", response_class=PlainTextResponse)(lambda: "hello from /tracks")
    return app


def django_app() -> Any:
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import path

    if not settings.configured:
        urls = type(sys)("urls_of_a_test")
        urls.urlpatterns = [path("tracks", lambda request: HttpResponse("hello from /tracks"))]
        sys.modules["urls_of_a_test"] = urls
        settings.configure(ROOT_URLCONF="urls_of_a_test", ALLOWED_HOSTS=["127.0.0.1"])
        import django

        django.setup()
    return WSGIHandler()


@pytest.mark.parametrize(
    "make",
    [lambda: wsgi, lambda: asgi, ASGIObject, flask_app, fastapi_app, django_app],
    ids=["wsgi", "asgi", "asgi object", "flask", "fastapi", "django"],
)
def test_serves_every_kind_of_app_object(make: Any) -> None:
    app = make()
    server = serve(app)
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.pid is None
    assert server.running
    answer = requests.get(server.url + "/tracks", timeout=5)
    assert (answer.status_code, answer.text) == (200, "hello from /tracks")
    assert server.log.endswith("GET /tracks 200\n")
    server.stop()
    assert not server.running
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)


@pytest.mark.parametrize("app", [wsgi, asgi])
def test_is_a_context_manager_and_repr_has_no_port(app: Any) -> None:
    with serve(app) as server:
        assert repr(server) == f"<Server {app.__name__!r} (thread), running>"
        assert str(server.port) not in repr(server)
    assert repr(server) == f"<Server {app.__name__!r} (thread), stopped>"
    server.stop()  # twice is harmless


@pytest.mark.parametrize("app", [wsgi, asgi])
def test_serves_requests_at_the_same_time(app: Any) -> None:
    gate = threading.Barrier(3, timeout=5)

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        gate.wait()
        return wsgi(environ, start_response)

    server = serve(slow)
    callers = [threading.Thread(target=requests.get, args=[server.url]) for _ in range(2)]
    for caller in callers:
        caller.start()
    gate.wait()
    for caller in callers:
        caller.join(5)
    assert server.log.count("GET / 200\n") == 2


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (None, "'NoneType' is not a web application"),
        ([1], "'list' is not a web application"),
        (sys, "'sys' is a module"),
        (Flask, "Flask is a class"),
        (lambda: wsgi, "if it makes one, call it"),
        (lambda one: one, "does not take the arguments of a web application"),
    ],
)
def test_says_why_something_is_no_app(thing: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        serve(thing)


def test_options_of_processes_are_refused_for_objects() -> None:
    with pytest.raises(ValueError, match="real server processes"):
        serve(wsgi, "gunicorn")
    with pytest.raises(ValueError, match="real server processes"):
        serve(wsgi, workers=2)


def test_startup_that_fails_is_reported_with_its_reason() -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        raise RuntimeError("the database is not there")
        yield

    with pytest.raises(ServerFailed, match="the database is not there"):
        serve(FastAPI(lifespan=lifespan))


def test_startup_that_takes_too_long_is_given_up() -> None:
    async def stuck(scope: Any, receive: Any, send: Any) -> None:
        import asyncio

        await asyncio.sleep(2)

    with pytest.raises(ServerFailed, match=r"not ready after 0\.3 s"):
        serve(stuck, timeout=0.3)


def test_lifespan_runs_from_start_to_stop() -> None:
    from contextlib import asynccontextmanager

    seen = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        seen.append("start")
        yield
        seen.append("stop")

    server = serve(FastAPI(lifespan=lifespan))
    assert seen == ["start"]
    server.stop()
    assert seen == ["start", "stop"]


class TestPorts:
    def test_a_port_of_ours_is_taken_over(self) -> None:
        first = serve(wsgi)
        second = serve(asgi, port=first.port)
        assert not first.running
        assert requests.get(second.url + "/x", timeout=5).text == "hello from /x"

    def test_a_port_of_somebody_else_is_a_clear_error(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            with pytest.raises(PortBusy, match="in use by a program that this notebook did not"):
                serve(wsgi, port=other.getsockname()[1])

    def test_the_same_port_works_again_at_once(self) -> None:
        server = serve(wsgi)
        for app in (asgi, wsgi, asgi):
            requests.get(server.url, timeout=5)
            server.stop()
            server = serve(app, port=server.port)
            assert requests.get(server.url, timeout=5).status_code == 200


class TestWhichServerIsReplaced:
    def test_the_same_object_again(self) -> None:
        first, second = serve(wsgi), serve(wsgi)
        assert (first.running, second.running) == (False, True)

    def test_not_another_object(self) -> None:
        first, second = serve(wsgi), serve(asgi)
        assert (first.running, second.running) == (True, True)

    def test_the_same_name(self) -> None:
        first, second = serve(wsgi, name="shop"), serve(asgi, name="shop")
        assert (first.running, second.running) == (False, True)
        assert repr(second) == "<Server 'shop' (thread), running>"

    def test_nothing_when_the_new_one_is_no_app(self) -> None:
        first = serve(wsgi, name="shop")
        with pytest.raises(TypeError):
            serve(3, name="shop")
        assert first.running


def noisy_flask() -> Flask:
    app = Flask("noisy")

    @app.get("/noise")
    def noise() -> str:
        print("printed")
        print("to stderr", file=sys.stderr)
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        logging.getLogger("somewhere").error("logged")
        app.logger.warning("the app's own logger")
        return "ok"

    @app.get("/bad")
    def bad() -> str:
        raise LookupError("no such track")

    return app


def noisy_fastapi(asynchronous: bool) -> FastAPI:
    app = FastAPI()

    def noise() -> str:
        print("printed")
        print("to stderr", file=sys.stderr)
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        logging.getLogger("somewhere").error("logged")
        logging.getLogger("noisy").warning("the app's own logger")
        return "ok"

    async def async_noise() -> str:
        return noise()

    def bad() -> str:
        raise LookupError("no such track")

    async def async_bad() -> str:
        return bad()

    app.get("/noise")(async_noise if asynchronous else noise)
    app.get("/bad")(async_bad if asynchronous else bad)
    return app


class TestLogs:
    @pytest.mark.parametrize(
        "app",
        [noisy_flask(), noisy_fastapi(True), noisy_fastapi(False)],
        ids=["flask", "async", "sync"],
    )
    @pytest.mark.filterwarnings("always")
    def test_everything_is_in_the_log_and_nothing_is_shown(
        self, app: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        # pytest takes warnings and log records away; a handler of our own writes where they go
        handler = logging.StreamHandler(sys.stderr)
        logging.getLogger().addHandler(handler)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    warnings,
                    "showwarning",
                    lambda message, *_: print(message, file=sys.stderr),
                )
                server = serve(app)
                print("still shown")
                http = connect(server)
                assert http.get("/noise").status_code == 200
                assert http.get("/bad?which=1").status_code == 500
        finally:
            logging.getLogger().removeHandler(handler)
        shown = capfd.readouterr()
        assert (shown.out, shown.err) == ("still shown\n", "")
        for words in ("printed", "to stderr", "this is old", "logged", "the app's own logger"):
            assert f"{words}\n" in server.log
        lines = server.log.splitlines()
        assert "GET /noise 200" in lines
        assert "Traceback (most recent call last):" in lines
        assert lines[-2:] == ["LookupError: no such track", "GET /bad?which=1 500"]

    @pytest.mark.parametrize("app", [noisy_flask(), noisy_fastapi(True)], ids=["flask", "fastapi"])
    def test_the_same_requests_give_the_same_log(self, app: Any) -> None:
        def log() -> str:
            with serve(app) as server:
                http = connect(server)
                http.get("/bad")
                http.get("/nothing")
                assert str(server.port) not in server.log
                return server.log

        first = log()
        time.sleep(0.01)
        assert log() == first
        assert "GET /nothing 404" in first

    def test_tracebacks_are_short_and_name_no_machine_paths(self) -> None:
        with serve(noisy_flask()) as server:
            connect(server).get("/bad")
            assert "  ... inside flask\n" in server.log
            assert "site-packages" not in server.log
            assert 'raise LookupError("no such track")' in server.log

    def test_the_traceback_is_there_before_the_answer(self) -> None:
        def text_instead_of_bytes(environ: Any, start_response: Any) -> list[str]:
            start_response("200 OK", [])
            return ["Hello"]

        async def raises(scope: Any, receive: Any, send: Any) -> None:
            raise KeyError("track")

        for app, line in (
            (
                text_instead_of_bytes,
                "TypeError: the application must send bytes, but it sent an object of type 'str'",
            ),
            (raises, "KeyError: 'track'"),
            (noisy_fastapi(True), "LookupError: no such track"),
        ):
            http = connect(serve(app))
            for _ in range(20):
                response = http.get("/bad")
                assert response.status_code == 500
                assert line in response.server_log()

    def test_answers_of_an_app_that_breaks_off_are_broken_off(self) -> None:
        def breaks_off(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("Content-Type", "text/plain")])
            yield b"so far"
            raise OSError("the disk is gone")

        async def breaks_off_too(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"so far", "more_body": True})
            raise OSError("the disk is gone")

        for app in (breaks_off, breaks_off_too):
            server = serve(app)
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                requests.get(server.url, timeout=5)
            assert "OSError: the disk is gone" in server.log

    def test_an_app_that_does_not_start_its_response(self) -> None:
        response = connect(serve(lambda environ, start_response: [b"hello"])).get("/")
        assert response.status_code == 500
        assert "did not call start_response" in response.server_log()

    def test_it_keeps_the_last_megabyte(self) -> None:
        def chatty(environ: Any, start_response: Any) -> list[bytes]:
            print("x" * 300_000)
            return wsgi(environ, start_response)

        server = serve(chatty)
        for number in range(6):
            requests.get(f"{server.url}/{number}", timeout=5)
        assert 600_000 < len(server.log) <= LIMIT
        assert server.log.endswith("GET /5 200\n")

    def test_control_characters_cannot_forge_a_line(self) -> None:
        server = serve(wsgi)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /a\x1b[31m\rGET HTTP/1.1\r\n\r\n")
            client.recv(1000)
        assert "\x1b" not in server.log
        assert "\r" not in server.log


def test_an_app_that_raises_before_it_reads_the_body_is_answered_at_once() -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("no")

    http = connect(broken)
    for _ in range(25):  # the body comes after the headers now and then, and only then it hung
        assert http.post("/", json={"title": "Night Bus"}, timeout=3).status_code == 500
