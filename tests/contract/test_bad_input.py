"""Bad input to the Flask backend: each gets a 4xx problem, none a 500, and nothing is stored."""

import json
from collections.abc import Iterator

import pytest

from mixtape.contract.exchange import JSON, Client
from mixtape.flask_app import create_app
from workbench import Server, serve

GOOD = {"title": "Feeling Good", "artist": "Nina Simone", "seconds": 177, "year": 1965}
DEEP = b"[" * 100_000
THIRTY = 10**29

VALUES = {
    "a boolean": True,
    "a string": "215",
    "a fraction": 215.5,
    "an object": {"a": 1},
    "a list": [1],
    "30 digits": THIRTY,
    "minus 30 digits": -THIRTY,
    "a large exponent": 1e300,
}

BODIES: dict[str, tuple[int, bytes]] = {
    "nothing": (400, b""),
    "a word": (400, b"track"),
    "half of an object": (400, b'{"title": "x'),
    "two objects": (400, b"{}{}"),
    "single quotes": (400, b"{'title': 'x'}"),
    "a form": (400, b"title=x&artist=y&seconds=1"),
    "NaN": (400, b'{"seconds": NaN}'),
    "minus Infinity": (400, b'{"seconds": -Infinity}'),
    "a byte that is not UTF-8": (400, b'{"title": "\xff"}'),
    "half a surrogate pair in UTF-8": (400, b'{"title": "\xed\xa0\x80"}'),
    "an overlong NUL": (400, b'{"title": "\xc0\x80"}'),
    "a raw NUL": (400, b'{"title": "\x00"}'),
    "a byte order mark": (400, b"\xef\xbb\xbf{}"),
    "UTF-16": (400, json.dumps(GOOD).encode("utf-16")),
    "UTF-32": (400, json.dumps(GOOD).encode("utf-32")),
    "deep lists": (400, DEEP + b"]" * len(DEEP)),
    "deep lists, never closed": (400, DEEP),
    "deep objects": (400, b'{"a":' * 100_000),
    "depth in a field": (400, b'{"title":' + DEEP + b"]" * len(DEEP) + b"}"),
    "an integer of 5000 digits": (400, b'{"seconds": ' + b"9" * 5000 + b"}"),
    "10 MB": (413, b'{"title": "' + b"x" * 10_000_000 + b'"}'),
    "10 MB of space": (413, b" " * 10_000_000),
    "a list": (422, json.dumps([GOOD]).encode()),
    "a string": (422, b'"track"'),
    "a number": (422, b"1e400"),
    "null": (422, b"null"),
    "an empty object": (422, b"{}"),
    "a name with a lone surrogate": (422, rb'{"\ud83c": 1}'),
    "a name with a NUL": (422, rb'{"a\u0000b": 1}'),
    "ten thousand names": (422, json.dumps(dict.fromkeys(map(str, range(10_000)))).encode()),
    "the same name twice": (422, b'{"title": "x", "title": 1}'),
}

CONTENT_TYPES = [
    None,
    "",
    "text/plain",
    "text/html",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application",
    "json",
    "; charset=utf-8",
    "é/json",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data").as_posix()
    with serve(create_app(f"sqlite:///{folder}/mixtape.db"), name="bad input") as server:
        Client(server.url).create(GOOD)
        yield server


@pytest.fixture(autouse=True)
def nothing_changes(server: Server) -> Iterator[None]:
    """Check after each test that the one track is as it was, and that nothing has failed."""
    mark = server.log_mark()
    yield
    items, total = Client(server.url).get("/tracks").page()
    assert total == 1
    assert items[0] == {"id": 1, **GOOD}
    assert "Traceback" not in server.log_since(mark)


@pytest.mark.parametrize(("method", "path"), [("POST", "/tracks"), ("PATCH", "/tracks/1")])
@pytest.mark.parametrize("name", BODIES)
def test_bodies(server: Server, method: str, path: str, name: str) -> None:
    status, body = BODIES[name]
    if (method, name) == ("PATCH", "an empty object"):
        status = 200  # there it means: change nothing
    answer = Client(server.url).send(method, path, body).must_be(status)
    if status != 200:
        answer.problem()


@pytest.mark.parametrize(("method", "path"), [("POST", "/tracks"), ("PATCH", "/tracks/1")])
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_content_types(server: Server, method: str, path: str, content_type: str | None) -> None:
    body = json.dumps(GOOD | {"title": "Another"}).encode()
    sent = content_type.encode() if content_type else content_type
    answer = Client(server.url).send(method, path, body, content_type=sent)
    answer.must_be(415).problem()


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("field", GOOD)
def test_values(server: Server, field: str, kind: str) -> None:
    if field in ("title", "artist") and kind == "a string":
        return  # that is what these are
    client = Client(server.url)
    for answer in (
        client.post("/tracks", GOOD | {field: VALUES[kind]}),
        client.patch("/tracks/1", {field: VALUES[kind]}),
    ):
        answer.refused(field)
        answer.problem()


@pytest.mark.parametrize(
    "text", ["\0", "a\0", "\ud800", "a\udfff", "\udc00\ud800", "", " \u3000\u2028", "x" * 201]
)
@pytest.mark.parametrize("field", ["title", "artist"])
def test_texts(server: Server, field: str, text: str) -> None:
    client = Client(server.url)
    client.post("/tracks", GOOD | {field: text}).refused(field)
    client.patch("/tracks/1", {field: text}).refused(field)


@pytest.mark.parametrize(
    "name", ["yaer", "Title", " title", "title\0", "\ud800", "", "id", "__class__", "metadata"]
)
def test_unknown_fields(server: Server, name: str) -> None:
    client = Client(server.url)
    client.post("/tracks", GOOD | {name: 1}).refused(name)
    client.patch("/tracks/1", {"seconds": 2, name: 1}).refused(name)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "+1",
        "1.0",
        "1e0",
        "01",
        "1_0",
        "one",
        "%20",
        "1%20",
        "1%00",
        "%D9%A1",
        str(2**63 - 1),
        str(2**63),
        str(THIRTY),
        "9" * 5000,
    ],
)
def test_ids(server: Server, text: str) -> None:
    client = Client(server.url)
    client.get(f"/tracks/{text}").must_be(404).problem()
    client.patch(f"/tracks/{text}", {"title": "Another"}).must_be(404).problem()
    client.delete(f"/tracks/{text}").must_be(404).problem()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_methods(server: Server, method: str) -> None:
    answer = Client(server.url).send(method, "/tracks", b"{}", content_type=JSON)
    answer.must_be(405).problem()
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
