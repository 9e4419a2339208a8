import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import JSON, Client

pytestmark = pytest.mark.where("reading")

MISSING = 999_999_999  # an id that fits every database and that none gets to
NO_POSITIVE_INTEGERS = ("0", "-1", "1.5", "abc", "1e3", "%20", "1%00")
TOO_LARGE = (2**63, 10**29, 10**100)


def test_read(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks/{id} answers 200 with the track, as application/json"""
    created = api.create(catalogue.track())
    answer = api.get(f"/tracks/{created['id']}").must_be(200)
    if answer.track(**created) != created:
        answer.fail("200 and the track as it was created, with no other fields")
    if answer.media_type != JSON:
        answer.fail(f"200 with the content type {JSON}")


def test_missing(api: Client) -> None:
    """GET /tracks/{id} answers 404 when there is no such track"""
    api.get(f"/tracks/{MISSING}").must_be(404)


def test_no_positive_integer(api: Client) -> None:
    """GET /tracks/{id} answers 404 to an id that is no positive integer"""
    for text in NO_POSITIVE_INTEGERS:
        api.get(f"/tracks/{text}").must_be(404)


def test_too_large(api: Client) -> None:
    """GET /tracks/{id} answers 404 to an id that is too large for the database"""
    for number in TOO_LARGE:
        api.get(f"/tracks/{number}").must_be(404)
