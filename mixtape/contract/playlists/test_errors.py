from typing import Any

import pytest

from mixtape.contract.core.test_bodies import MEGABYTE, in_bytes
from mixtape.contract.core.test_errors import check_allow, check_errors, check_inside, with_status
from mixtape.contract.core.test_reading import MISSING
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .adding import add, create_tracks

pytestmark = pytest.mark.where("playlist errors")


def test_bad_bodies(api: Client) -> None:
    """POST /playlists answers 400, 413 and 415 to the bodies to which POST /tracks does"""
    for body in (b"", b'{"name": ', b'{"name": NaN}', b'{"name": "\xff"}'):
        api.send("POST", "/playlists", body).must_be(400)
    api.send("POST", "/playlists", in_bytes({"name": "x"}, MEGABYTE + 1)).must_be(413)
    api.send("POST", "/playlists", b'{"name": "x"}', content_type="text/plain").must_be(415)


def test_problems_of_bodies(api: Client) -> None:
    """POST /playlists answers 400, 413 and 415 as application/problem+json"""
    api.send("POST", "/playlists", b'{"name": ').problem()
    api.send("POST", "/playlists", in_bytes({}, MEGABYTE + 1)).problem()
    api.send("POST", "/playlists", b"{}", content_type="text/plain").problem()


def test_invalid(api: Client) -> None:
    """POST /playlists answers 422 as application/problem+json with errors of field and message"""
    documents: list[Any] = [{"name": ""}, {"nmae": "x"}, []]
    for answer in with_status(422, [api.post("/playlists", document) for document in documents]):
        check_errors(answer)


def test_not_found(api: Client, catalogue: Catalogue) -> None:
    """GET /playlists/{id} answers 404 as application/problem+json, as do PUT and DELETE"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    playlist = api.create_playlist()
    for text in (MISSING, "abc", 10**29):
        answers = [
            api.get(f"/playlists/{text}"),
            api.put(f"/playlists/{text}/tracks/{track_id}"),
            api.put(f"{playlist}/tracks/{text}"),
            api.delete(f"/playlists/{text}/tracks/{track_id}"),
        ]
        for answer in with_status(404, answers):
            answer.problem()


def test_held_track(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} answers 409 as application/problem+json"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    add(api, api.create_playlist(), track_id)
    api.delete(f"/tracks/{track_id}").problem()


def test_method_not_allowed(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists answers 405 as application/problem+json, and Allow says what is possible"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    playlist = api.create_playlist()
    check_allow(api, "DELETE", "/playlists", {"POST"})
    check_allow(api, "POST", playlist, {"GET"})
    check_allow(api, "POST", f"{playlist}/tracks/{track_id}", {"PUT", "DELETE"})


def test_inside_not_shown(api: Client) -> None:
    """POST /playlists shows no stack trace, SQL or file path, nor does another path of theirs"""
    quotes = "'\"`;--"
    for answer in (
        api.post("/playlists", {quotes: quotes, "name": 10**29}),
        api.post("/playlists", {"name": "\ud83c\0", "\ud83c\0": 1}),
        api.post("/playlists", [{"name": quotes}]),
        api.send("POST", "/playlists", b'{"name": \xff'),
        api.send("POST", "/playlists", b"[" * 90_000),
        api.get(f"/playlists/{10**29}"),
        api.get("/playlists/%FF%00'"),
        api.put(f"/playlists/{10**29}/tracks/{10**29}"),
        api.delete("/playlists/%FF'/tracks/%FF'"),
        api.send("PATCH", "/playlists"),
    ):
        check_inside(answer)
