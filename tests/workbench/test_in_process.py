"""What the browser edition does in place of a server, on this machine's Python."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import requests
from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from flask import Flask, jsonify, request

from workbench.in_process import InProcessAdapter, InProcessRunner
from workbench.logs import ServerFailed


@pytest.fixture
def start() -> Iterator[Callable[..., InProcessRunner]]:
    runners: list[InProcessRunner] = []

    def start(app: object, *, asynchronous: bool = False) -> InProcessRunner:
        runners.append(InProcessRunner(app, "app", None, asynchronous=asynchronous))
        return runners[-1]

    yield start
    for runner in runners:
        runner.stop()


@pytest.fixture
def http() -> requests.Session:
    session = requests.Session()
    session.mount("http://", InProcessAdapter())
    session.trust_env = False
    return session


def url(runner: InProcessRunner, path: str = "/") -> str:
    return f"http://127.0.0.1:{runner.port}{path}"


def flask_app() -> Flask:
    app = Flask("small")

    @app.post("/echo")
    def echo() -> Any:
        sent = request.get_data()
        return jsonify(method=request.method, args=request.args, size=len(sent), text=sent.decode())

    @app.get("/café")
    def cafe() -> Any:
        print("printed by the app")
        response = jsonify(path=request.path)
        response.set_cookie("visited", "yes")
        return response

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError("on purpose")

    @app.get("/nothing")
    def nothing() -> tuple[str, int]:
        return "", 204

    return app


def test_wsgi_answers_as_a_server_does(start: Any, http: requests.Session) -> None:
    runner = start(flask_app())
    answer = http.post(url(runner, "/echo?a=1&b=%20"), data="Grüße".encode())
    assert answer.status_code == 200
    assert answer.json() == {
        "method": "POST",
        "args": {"a": "1", "b": " "},
        "size": 7,
        "text": "Grüße",
    }
    assert answer.headers["content-type"] == "application/json"
    chunks = http.post(url(runner, "/echo"), data=iter([b"in ", b"pieces"]))
    assert chunks.json()["text"] == "in pieces"
    assert http.get(url(runner, "/echo")).status_code == 405
    head = http.head(url(runner, "/caf%C3%A9"))
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0
    assert http.get(url(runner, "/nothing")).content == b""


def test_cookies_come_back(start: Any, http: requests.Session) -> None:
    runner = start(flask_app())
    answer = http.get(url(runner, "/café"))
    assert answer.json() == {"path": "/café"}
    assert http.cookies["visited"] == "yes"


def test_what_an_app_says_is_in_its_log(
    start: Any, http: requests.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    runner = start(flask_app())
    http.get(url(runner, "/café"))
    mark = runner.mark()
    assert http.get(url(runner, "/broken")).status_code == 500
    assert "printed by the app\nGET /caf%C3%A9 200\n" in runner.read()
    assert "ZeroDivisionError: on purpose" in runner.read(mark)
    assert runner.read(mark).endswith("GET /broken 500\n")
    assert "printed" not in capsys.readouterr().out


def test_an_app_that_sends_no_bytes(start: Any, http: requests.Session) -> None:
    def wrong(environ: dict[str, Any], start_response: Any) -> str:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return "text"

    runner = start(wrong)
    assert http.get(url(runner)).status_code == 500
    assert "the application must send bytes" in runner.read()


def fastapi_app(events: list[str]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, int]]:
        events.append("start")
        yield {"answer": 42}
        events.append("end")

    app = FastAPI(lifespan=lifespan)

    @app.get("/sync")
    def sync(request: Request) -> dict[str, object]:
        return {"state": request.state.answer, "thread": threading.current_thread().name}

    @app.get("/async")
    async def slow(request: Request) -> dict[str, int]:
        await asyncio.sleep(0.01)
        return {"state": request.state.answer}

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for number in range(3):
                await asyncio.sleep(0)
                yield str(number)

        return StreamingResponse(parts())

    @app.get("/later")
    async def later(tasks: BackgroundTasks) -> None:
        tasks.add_task(events.append, "later")

    @app.get("/thread")
    async def thread() -> str:
        return await asyncio.to_thread(lambda: "from a function")

    @app.get("/never")
    async def never() -> None:
        await asyncio.Event().wait()

    @app.get("/long")
    async def long() -> None:
        await asyncio.sleep(60)

    @app.get("/broken")
    def broken() -> Response:
        raise ZeroDivisionError("on purpose")

    return app


def test_asgi_answers_as_a_server_does(start: Any, http: requests.Session) -> None:
    events: list[str] = []
    runner = start(fastapi_app(events), asynchronous=True)
    assert events == ["start"]
    here = threading.current_thread().name
    assert http.get(url(runner, "/sync")).json() == {"state": 42, "thread": here}
    assert http.get(url(runner, "/async")).json() == {"state": 42}
    assert http.post(url(runner, "/size"), data=b"x" * 1000).json() == 1000
    assert http.post(url(runner, "/size"), data=iter([b"ab", b"c"])).json() == 3
    assert http.get(url(runner, "/stream")).text == "012"
    assert http.get(url(runner, "/thread")).json() == "from a function"
    assert http.get(url(runner, "/later")).status_code == 200
    assert http.get(url(runner, "/broken")).status_code == 500
    assert "ZeroDivisionError: on purpose" in runner.read()
    runner.stop()
    assert events == ["start", "later", "end"]
    assert not runner.running


def test_an_answer_that_never_comes_is_given_up(start: Any, http: requests.Session) -> None:
    runner = start(fastapi_app([]), asynchronous=True)
    begun = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        http.get(url(runner, "/never"), timeout=30)
    with pytest.raises(requests.ReadTimeout):
        http.get(url(runner, "/long"), timeout=0.1)
    assert time.monotonic() - begun < 20
    assert http.get(url(runner, "/async")).status_code == 200


def test_requests_go_through_inside_a_running_loop(start: Any, http: requests.Session) -> None:
    runner = start(fastapi_app([]), asynchronous=True)

    async def cell() -> object:
        answer = http.get(url(runner, "/async")).json()
        await asyncio.sleep(0)
        return answer

    assert asyncio.run(cell()) == {"state": 42}


def test_an_app_that_cannot_start(start: Any) -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise OSError("no database")
        yield

    with pytest.raises(ServerFailed, match="no database"):
        start(FastAPI(lifespan=lifespan), asynchronous=True)


def test_an_app_that_never_starts(start: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(ServerFailed, match="was not ready"):
        start(app, asynchronous=True)


def test_an_app_that_never_ends_is_left(start: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()

    runner = start(app, asynchronous=True)
    runner.stop()
    assert not runner.running


def test_an_app_without_lifespan_serves(start: Any, http: requests.Session) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    assert http.get(url(start(app, asynchronous=True))).text == "hello"


def test_nobody_listens(start: Any, http: requests.Session) -> None:
    runner = start(flask_app())
    runner.stop()
    with pytest.raises(requests.ConnectionError, match="nothing is listening"):
        http.get(url(runner, "/café"))
    with pytest.raises(requests.ConnectionError, match="servers of this notebook only"):
        http.get("http://mixtape.example/")


def test_it_leaves_no_thread_behind(start: Any, http: requests.Session) -> None:
    before = threading.active_count()
    runner = start(fastapi_app([]), asynchronous=True)
    http.get(url(runner, "/sync"))
    assert threading.active_count() == before
