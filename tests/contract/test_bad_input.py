"""Bad input to each backend: it gets a 4xx problem, none a 500, and nothing is stored."""

import json
from collections.abc import Callable, Iterator

import pytest

from mixtape.contract.exchange import JSON, Client
from workbench import Server

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

TAKING = [("POST", "/tracks"), ("PATCH", "/tracks/1"), ("POST", "/playlists"), ("POST", "/plays")]

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


@pytest.fixture(scope="module", params=["flask", "fastapi", "django"])
def server(
    request: pytest.FixtureRequest,
    start_backend: Callable[[str, str], Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data").as_posix()
    with start_backend(request.param, f"sqlite:///{folder}/mixtape.db") as server:
        client = Client(server.url)
        client.create(GOOD)
        client.create_playlist()
        yield server


@pytest.fixture(autouse=True)
def nothing_changes(server: Server) -> Iterator[None]:
    """Check after each test that the one track is as it was, and that nothing has failed."""
    mark = server.log_mark()
    yield
    items, total = Client(server.url).get("/tracks").page()
    assert total == 1
    assert items[0] == {"id": 1, **GOOD}
    Client(server.url).get("/playlists/1").holds()
    Client(server.url).get("/playlists/2").must_be(404)
    assert json.loads(Client(server.url).get("/charts").must_be(200).body) == {"items": []}
    assert "Traceback" not in server.log_since(mark)


@pytest.mark.parametrize(("method", "path"), TAKING)
@pytest.mark.parametrize("name", BODIES)
def test_bodies(server: Server, method: str, path: str, name: str) -> None:
    status, body = BODIES[name]
    if (method, name) == ("PATCH", "an empty object"):
        status = 200  # there it means: change nothing
    answer = Client(server.url).send(method, path, body).must_be(status)
    if status != 200:
        answer.problem()


@pytest.mark.parametrize(("method", "path"), TAKING)
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
    client.post("/playlists", {"name": text}).refused("name")


@pytest.mark.parametrize(
    "name", ["yaer", "Title", " title", "title\0", "", "id", "__class__", "metadata", "tracks"]
)
def test_unknown_fields(server: Server, name: str) -> None:
    client = Client(server.url)
    client.post("/tracks", GOOD | {name: 1}).refused(name)
    client.patch("/tracks/1", {"seconds": 2, name: 1}).refused(name)
    client.post("/playlists", {"name": "x", name: 1}).refused(name)
    client.post("/plays", {"track_id": 1, name: 1}).refused(name)


def test_an_unknown_field_that_cannot_be_named(server: Server) -> None:
    """UTF-8 has no bytes for half of a surrogate pair, so an answer may call it otherwise."""
    answer = Client(server.url).post("/tracks", GOOD | {"\ud800": 1}).must_be(422)
    assert len(answer.problem()["errors"]) == 1


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_names_and_plays(server: Server, kind: str) -> None:
    client = Client(server.url)
    client.post("/plays", {"track_id": VALUES[kind]}).refused("track_id")
    if kind != "a string":
        client.post("/playlists", {"name": VALUES[kind]}).refused("name")


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**53, 2**63 - 1, 2**63, None])
def test_plays_of_no_track(server: Server, number: int | None) -> None:
    Client(server.url).post("/plays", {"track_id": number}).refused("track_id")


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
    client.get(f"/playlists/{text}").must_be(404).problem()
    client.put(f"/playlists/1/tracks/{text}").must_be(404).problem()
    client.put(f"/playlists/{text}/tracks/1").must_be(404).problem()
    client.delete(f"/playlists/{text}/tracks/1").must_be(404).problem()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_methods(server: Server, method: str) -> None:
    answer = Client(server.url).send(method, "/tracks", b"{}", content_type=JSON)
    answer.must_be(405).problem()
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_number_without_a_fraction_is_an_integer(server: Server) -> None:
    """To JSON, and to the schemas in each backend's description, 215.0 is 215."""
    client = Client(server.url)
    created = client.send(
        "POST", "/tracks", b'{"title": "x", "artist": "y", "seconds": 215.0, "year": 1.999e3}'
    )
    track = created.must_be(201).track(seconds=215, year=1999)
    client.delete(f"/tracks/{track['id']}").must_be(204)
