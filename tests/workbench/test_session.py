"""Sessions, connecting by name, and the words of a failed assertion."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from flask import Flask, Response, request

from workbench import Session, connect, explain, serve

shop = Flask("shop")
number = 3


@shop.get("/tracks")
def tracks() -> list[str]:
    return ["Blue in Green"]


@shop.post("/tracks")
def add() -> tuple[dict[str, Any], int]:
    return request.get_json(), 201


@shop.get("/moved")
def moved() -> Response:
    return Response(status=302, headers={"Location": "/tracks"})


@shop.get("/away")
def away() -> Response:
    return Response(status=302, headers={"Location": "http://127.0.0.1:1/"})


@shop.get("/bad")
def bad() -> str:
    raise LookupError("no such track")


@shop.get("/later")
def later() -> str:
    raise NotImplementedError("step 3")


@shop.get("/alone")
def alone() -> tuple[str, int]:
    return "the app says 500 itself", 500


class TestSession:
    def test_paths_are_relative_to_the_server(self) -> None:
        server = serve(shop)
        http = Session(server.url + "/")
        assert http.get("/tracks").json() == ["Blue in Green"]
        assert http.post("/tracks", json={"title": "So What"}).status_code == 201
        assert http.get(server.url + "/tracks").status_code == 200
        assert http.server is None

    def test_it_says_what_it_is_without_a_port(self) -> None:
        assert repr(connect(serve(shop))) == "<Session with <Server 'Flask' (thread), running>>"

    @pytest.mark.parametrize(
        "address",
        [
            "http://example.com/",
            "https://127.0.0.1/",
            "tracks",
            "{url}1/",
            "{url}@example.com/",
            "",
        ],
    )
    def test_other_addresses_are_refused(self, address: str) -> None:
        http = connect(serve(shop))
        with pytest.raises(ValueError, match="one backend only: write a path"):
            http.get(address.format(url=http.base_url))

    def test_redirects_are_shown_and_followed_on_demand_but_never_to_others(self) -> None:
        http = connect(serve(shop))
        for response in (http.get("/moved"), http.request("GET", "/moved"), http.head("/moved")):
            assert response.status_code == 302
        assert http.options("/tracks").status_code == 200
        assert http.get("/moved", allow_redirects=True).json() == ["Blue in Green"]
        with pytest.raises(ValueError, match="one backend only"):
            http.get("/away", allow_redirects=True)

    def test_proxies_of_the_machine_are_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        assert connect(serve(shop)).get("/tracks").status_code == 200

    def test_a_stopped_server_is_named(self) -> None:
        http = connect(serve(shop))
        http.server.stop()
        with pytest.raises(requests.ConnectionError, match="has ended: connect again"):
            http.get("/tracks")

    def test_the_default_timeout_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = []
        send = requests.Session.send

        def spy(self: Any, prepared: Any, **options: Any) -> Any:
            seen.append(options["timeout"])
            return send(self, prepared, **options)

        monkeypatch.setattr(requests.Session, "send", spy)
        http = connect(serve(shop))
        http.get("/tracks")
        http.get("/tracks", timeout=1)
        assert seen == [5.0, 1]

    def test_no_answer_in_time_is_said_without_a_port(self) -> None:
        gate = threading.Event()

        def waits(environ: Any, start_response: Any) -> list[bytes]:
            gate.wait(5)
            start_response("200 OK", [])
            return []

        http = connect(serve(waits))
        with pytest.raises(requests.Timeout, match=r"^GET /slow got no answer in time: does"):
            http.get("/slow", timeout=0.2)
        gate.set()

    def test_a_response_knows_what_the_server_wrote_for_it(self) -> None:
        http = connect(serve(shop))
        http.get("/bad")
        assert http.get("/tracks").server_log() == "GET /tracks 200\n"
        assert "no such track" in http.server.log


class TestConnect:
    def test_by_name(self) -> None:
        http = connect("shop")
        assert http.get("/tracks").json() == ["Blue in Green"]
        assert repr(http.server) == "<Server 'shop' (thread), running>"

    def test_a_later_call_replaces_the_server(self) -> None:
        first, second = connect("shop"), connect("shop")
        assert not first.server.running
        assert second.get("/tracks").status_code == 200

    def test_by_object_server_and_address(self) -> None:
        server = serve(shop)
        assert connect(shop).get("/tracks").status_code == 200
        assert connect(server).server is server
        assert server.running
        assert connect(server.url).get("/tracks").status_code == 200

    def test_a_name_that_means_a_server(self) -> None:
        globals()["running"] = serve(shop)
        try:
            assert connect("running").server is running  # noqa: F821
            assert not connect("running").owns_server
            assert connect("shop").owns_server
        finally:
            del globals()["running"]

    def test_a_missing_name(self) -> None:
        words = "^there is no object called 'app' yet: run the cell that makes it, and mend "
        with pytest.raises(NameError, match=words):
            connect("app")

    def test_something_that_is_no_app(self) -> None:
        with pytest.raises(
            TypeError, match=r"^number: an object of type 'int' is not a web application"
        ):
            connect("number")


class TestExplain:
    def test_the_whole_message(self) -> None:
        http = connect(serve(shop))
        response = http.post("/tracks?dry=1", json={"title": "So What"})
        assert explain(response, "422", "Step 3 of the chapter").splitlines() == [
            "POST /tracks?dry=1 did not answer as expected",
            '  sent:     POST /tracks?dry=1  {"title": "So What"}',
            "  expected: 422",
            '  got:      201 CREATED, application/json, {"title":"So What"}',
            "  look at:  Step 3 of the chapter",
        ]

    def test_an_error_of_the_app_is_named(self) -> None:
        words = explain(connect(serve(shop)).get("/bad"), "200 OK")
        assert "in the log: LookupError: no such track" in words

    def test_a_task_that_is_not_done(self) -> None:
        words = explain(connect(serve(shop)).get("/later"), "200 OK")
        assert "this task is not done yet (NotImplementedError: step 3)" in words

    def test_an_error_of_another_request_is_not_named(self) -> None:
        http = connect(serve(shop))
        http.get("/bad")
        words = explain(http.get("/alone"), "200 OK")
        assert "in the log" not in words
        assert "the app says 500 itself" in words

    def test_bodies_that_are_no_text_are_counted(self) -> None:
        def picture(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "image/png")])
            return [b"\x89PNG" * 10]

        assert "got:      200 OK, image/png, 40 bytes" in explain(connect(picture).get("/"), "json")

    def test_long_bodies_are_cut(self) -> None:
        response = connect(serve(shop)).post("/tracks", json={"title": "x" * 1000})
        assert max(map(len, explain(response, "422").splitlines())) < 400

    def test_spaces_in_json_are_shown(self) -> None:
        response = connect(serve(shop)).post("/tracks", json={"title": "  So   What "})
        assert '{"title": "  So   What "}' in explain(response, "422")

    def test_a_header_that_is_expected_is_shown(self) -> None:
        def moved(environ: Any, start_response: Any) -> list[bytes]:
            start_response("201 Created", [("Location", "tracks/1")])
            return [b""]

        words = explain(connect(moved).get("/"), "a header Location: /tracks/1")
        assert "201 Created, Location: tracks/1, an empty body" in words
        words = explain(connect(serve(shop)).get("/alone"), "405 and a header Allow")
        assert "no header Allow" in words

    def test_a_long_error_is_told_with_its_reason_and_its_line(self) -> None:
        response = requests.Response()
        response.status_code = 500
        response.server_log = (  # type: ignore[attr-defined]
            "Traceback (most recent call last):\n"
            "  Notebook cell, line 5, in create\n    class Model:\n"
            "  ... inside pydantic\n"
            'SchemaError: Error building "model":\n  extra is unknown\nGET /tracks 500\n'
        )
        words = explain(response, "200")
        assert (
            'SchemaError: Error building "model": extra is unknown (line 5 of your cell)' in words
        )

    def test_an_app_that_gives_no_answer(self) -> None:
        response = requests.Response()
        response.status_code, response._content = 500, b"Internal Server Error"
        response.server_log = "GET /tracks 500\n"  # type: ignore[attr-defined]
        assert "does every function of yours return an answer?" in explain(response, "200")

    def test_a_page_is_named_and_not_shown(self) -> None:
        def page(environ: Any, start_response: Any) -> list[bytes]:
            start_response("404 Not Found", [("Content-Type", "text/html; charset=utf-8")])
            return [b"<!doctype html><title>404 Not Found</title>" * 10]

        words = explain(connect(page).get("/"), "200")
        assert "404 Not Found, text/html; charset=utf-8, a page for people" in words

    def test_responses_from_elsewhere(self) -> None:
        """The examiner's responses have no server and may lack more."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(500)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            plain = requests.get(f"http://127.0.0.1:{server.server_port}/x", timeout=5)
        assert "got:      500 Internal Server Error, an empty body" in explain(plain, "200 OK")
        plain.server_log = "Traceback (most recent call last):\n  File\nKeyError: 'id'\n"
        assert "KeyError: 'id'" in explain(plain, "200 OK")
        assert "'NoneType', not a response" in explain(None, "200 OK")
        assert "expected: 200 OK" in explain(requests.Response(), "200 OK")
