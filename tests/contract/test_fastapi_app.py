"""What is FastAPI's own about its backend: a description that is true, threads and the lifespan."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydantic import TypeAdapter, ValidationError

from mixtape.contract.exchange import Client, at_once
from mixtape.fastapi_app import create_app
from mixtape.fastapi_app.dependencies import READERS, WRITERS
from mixtape.fastapi_app.schemas import Text
from workbench import Server, serve

TRACK = {"title": "Feeling Good", "artist": "Nina Simone", "seconds": 177}
MORE_THAN_THREADS = 50  # AnyIO gives an event loop 40

ANSWERS = {
    "GET /health": "200",
    "GET /tracks": "200 422",
    "POST /tracks": "201 400 413 415 422",
    "GET /tracks/{track_id}": "200 404",
    "PATCH /tracks/{track_id}": "200 400 404 413 415 422",
    "DELETE /tracks/{track_id}": "204 404 409",
    "POST /playlists": "201 400 413 415 422",
    "GET /playlists/{playlist_id}": "200 404",
    "PUT /playlists/{playlist_id}/tracks/{track_id}": "204 404",
    "DELETE /playlists/{playlist_id}/tracks/{track_id}": "204 404",
    "POST /plays": "201 400 413 415 422",
    "GET /charts": "200 422",
}

TEXTS = (
    ["x", "x" * 200, "x" * 201, "é" * 200, "🎵" * 200, "🎵" * 201, "", " ", "\n\t", "a\0b", "\0"]
    + [f"{space}x{space}" for space in "\t\n\v\f\r \x85\xa0\u1680\u2003\u2028\u2029\u3000"]
    + [f"{other}" for other in "\x1c\u180e\u200b\ufeff"]
    + [" " * 150 + "x" * 200 + " " * 150, "x" + " " * 198 + "x", "x" + " " * 199 + "x", "a\n\nb"]
)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The OpenAPI description, as a client gets it."""
    document: dict[str, Any] = json.loads(json.dumps(create_app("sqlite://").openapi()))
    return document


@pytest.fixture(scope="module")
def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of the description, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with serve(create_app(database_url), name="fastapi") as served:
        yield served


def test_description_names_every_answer(operations: dict[str, dict[str, Any]]) -> None:
    documented = {name: " ".join(sorted(op["responses"])) for name, op in operations.items()}
    assert documented == ANSWERS


def test_description_has_errors_as_problem_documents(
    operations: dict[str, dict[str, Any]],
) -> None:
    for operation in operations.values():
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = "ValidationProblem" if status == "422" else "Problem"
                assert answer["content"] == {
                    "application/problem+json": {
                        "schema": {"$ref": f"#/components/schemas/{schema}"}
                    }
                }


def test_description_has_nothing_of_the_errors_that_fastapi_would_send(
    description: dict[str, Any],
) -> None:
    schemas = description["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)
    assert set(schemas["ValidationProblem"]["required"]) == {
        *schemas["Problem"]["required"],
        "errors",
    }


def test_description_says_where_a_new_thing_is_and_when_there_is_no_body(
    operations: dict[str, dict[str, Any]],
) -> None:
    for name in ("tracks", "playlists"):
        location = operations[f"POST /{name}"]["responses"]["201"]["headers"]["Location"]
        assert location["required"] is True
        assert re.search(location["schema"]["pattern"], f"/{name}/12")
    for operation in operations.values():
        assert "content" not in operation["responses"].get("204", {})


def test_description_has_the_bounds_of_queries_and_ids(
    operations: dict[str, dict[str, Any]],
) -> None:
    found = {
        (name, parameter["name"]): (schema.get("minimum"), schema.get("maximum"))
        for name, operation in operations.items()
        for parameter in operation.get("parameters", ())
        if (schema := parameter["schema"])["type"] == "integer"
    }
    assert found.pop(("GET /tracks", "limit")) == (1, 100)
    assert found.pop(("GET /charts", "limit")) == (1, 100)
    assert found.pop(("GET /tracks", "offset")) == (0, 2**63 - 1)
    assert set(found.values()) == {(1, 2**53 - 1)}


def test_description_of_a_body_forbids_unknown_fields(
    description: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    for operation in operations.values():
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            assert list(content) == ["application/json"]
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert description["components"]["schemas"][name]["additionalProperties"] is False


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_pattern_of_texts_is_what_is_checked(description: dict[str, Any], text: str) -> None:
    fields = description["components"]["schemas"]["TrackCreate"]["properties"]
    try:
        TypeAdapter(Text).validate_python(text)
        is_valid = True
    except ValidationError:
        is_valid = False
    assert bool(re.search(fields["title"]["pattern"], text)) is is_valid
    assert fields["artist"]["pattern"] == fields["title"]["pattern"]


def test_an_integer_is_what_json_schema_calls_one(server: Server) -> None:
    client = Client(server.url)
    for text in (b"177.0", b"1.77e2"):
        body = json.dumps(TRACK).encode().replace(b"177", text)
        client.send("POST", "/tracks", body).must_be(201).track(seconds=177)
    for text in (b"177.5", b"true", b'"177"', b"1e400", b"null"):
        body = json.dumps(TRACK).encode().replace(b"177", text)
        client.send("POST", "/tracks", body).refused("seconds")


def test_documentation_pages_show_the_description(server: Server) -> None:
    # The pages themselves load Swagger UI and ReDoc from the internet; the description is ours.
    for path in ("/docs", "/redoc"):
        page = requests.get(server.url + path, timeout=5)
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert "/openapi.json" in page.text
    served = requests.get(f"{server.url}/openapi.json", timeout=5).json()
    assert served["info"]["title"] == "Mixtape"
    assert "HTTPValidationError" not in json.dumps(served)


def test_more_requests_than_threads_do_not_stop_one_another(server: Server) -> None:
    assert MORE_THAN_THREADS > 40 > READERS + WRITERS
    client = Client(server.url)
    path = f"/tracks/{client.create(TRACK)['id']}"
    calls = [
        lambda: client.get("/tracks", q="good"),
        lambda: client.post("/tracks", TRACK),
        lambda: client.patch(path, {"year": 1965}),
    ]
    at_the_same_moment = [calls[number % 3] for number in range(MORE_THAN_THREADS)]
    for answer in at_once(lambda call: call(), at_the_same_moment):
        answer.must_be(200, 201)


def test_an_application_can_be_served_again_and_shares_nothing_with_another(
    database_url: str,
) -> None:
    app = create_app(database_url)
    with (
        serve(app, name="first") as first,
        serve(create_app("sqlite://"), name="second") as second,
    ):
        created = Client(first.url).create(TRACK)
        Client(second.url).get("/tracks").listed()
    with serve(app, name="first") as again:
        Client(again.url).get(f"/tracks/{created['id']}").must_be(200).track(**created)


def test_the_plays_of_a_track_go_with_it(server: Server) -> None:
    client = Client(server.url)
    kept, deleted = (client.create(TRACK)["id"] for _ in range(2))
    for track_id in (kept, deleted, deleted):
        client.post("/plays", {"track_id": track_id}).must_be(201)
    client.delete(f"/tracks/{deleted}").must_be(204)
    items = client.get("/charts").must_be(200).parsed()["items"]
    assert [(item["track"]["id"], item["plays"]) for item in items] == [(kept, 1)]
