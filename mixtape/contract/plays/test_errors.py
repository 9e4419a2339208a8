import pytest

from mixtape.contract.core.test_bodies import MEGABYTE, in_bytes
from mixtape.contract.core.test_errors import check_allow, check_errors, check_inside, with_status
from mixtape.contract.core.test_reading import MISSING
from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("play errors")


def test_bad_bodies(api: Client) -> None:
    """POST /plays answers 400, 413 and 415 to the bodies to which POST /tracks does"""
    for body in (b"", b'{"track_id": ', b'{"track_id": NaN}', b'{"track_id": "\xff"}'):
        api.send("POST", "/plays", body).must_be(400)
    api.send("POST", "/plays", in_bytes({"track_id": 1}, MEGABYTE + 1)).must_be(413)
    api.send("POST", "/plays", b'{"track_id": 1}', content_type="text/plain").must_be(415)


def test_problems_of_bodies(api: Client) -> None:
    """POST /plays answers 400, 413 and 415 as application/problem+json"""
    api.send("POST", "/plays", b'{"track_id": ').problem()
    api.send("POST", "/plays", in_bytes({}, MEGABYTE + 1)).problem()
    api.send("POST", "/plays", b"{}", content_type="text/plain").problem()


def test_invalid(api: Client) -> None:
    """POST /plays answers 422 as application/problem+json with errors of field and message"""
    answers = [
        api.post("/plays", {"track_id": MISSING}),
        api.post("/plays", {"track_id": "x"}),
        api.post("/plays", []),
        api.get("/charts", limit=0),
    ]
    for answer in with_status(422, answers):
        check_errors(answer)


def test_method_not_allowed(api: Client) -> None:
    """DELETE /plays answers 405 as application/problem+json, and Allow says what is possible"""
    check_allow(api, "DELETE", "/plays", {"POST"})
    check_allow(api, "POST", "/charts", {"GET"})


def test_inside_not_shown(api: Client) -> None:
    """POST /plays shows no stack trace, SQL or file path, nor does GET /charts"""
    quotes = "'\"`;--"
    for answer in (
        api.post("/plays", {quotes: quotes, "track_id": 10**29}),
        api.post("/plays", {"track_id": quotes, "\ud83c\0": 1}),
        api.post("/plays", [{"track_id": MISSING}]),
        api.post("/plays", {"track_id": MISSING}),
        api.send("POST", "/plays", b'{"track_id": \xff'),
        api.send("POST", "/plays", b"[" * 90_000),
        api.get("/charts", limit=quotes),
        api.get("/charts", limit=10**29),
        api.send("PUT", "/charts"),
    ):
        check_inside(answer)
