import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .test_reading import MISSING, NO_POSITIVE_INTEGERS, TOO_LARGE

pytestmark = pytest.mark.where("deleting")


def test_delete(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} answers 204 and sends no body"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    answer = api.delete(path).must_be(204)
    if answer.body or answer.headers.get("Content-Length", "0") != "0":
        answer.fail("204, no body")


def test_gone(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} takes away that track and no other"""
    one, two, three = (
        api.create(catalogue.track(title=title)) for title in ("One", "Two", "Three")
    )
    api.delete(f"/tracks/{two['id']}").must_be(200, 204)
    api.get(f"/tracks/{two['id']}").must_be(404, 410)
    for track in (one, three):
        api.get(f"/tracks/{track['id']}").must_be(200).track(**track)
    api.get("/tracks", artist=catalogue.artist()).listed("One", "Three")


def test_second_time(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} answers 404 the second time"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    api.delete(path).must_be(200, 204)
    api.delete(path).must_be(404)


def test_missing(api: Client) -> None:
    """DELETE /tracks/{id} answers 404 when there is no such track"""
    for text in (MISSING, *NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.delete(f"/tracks/{text}").must_be(404)
