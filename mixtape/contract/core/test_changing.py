import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .test_bodies import MEGABYTE, in_bytes
from .test_reading import MISSING, NO_POSITIVE_INTEGERS, TOO_LARGE

pytestmark = pytest.mark.where("changing")


def test_change(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} answers 200 with the changed track, and stores it"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    changes = {"title": "Sinnerman", "artist": catalogue.artist("N. Simone"), "seconds": 622}
    api.patch(path, changes | {"title": "  Sinnerman "}).must_be(200).track(**changes)
    api.get(path).must_be(200).track(**changes)


def test_others_kept(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} keeps the fields that are not named"""
    track = api.create(catalogue.track())
    path = f"/tracks/{track['id']}"
    for changes in ({"title": "Sinnerman"}, {"seconds": 622}, {"year": 1966}):
        track |= changes
        api.patch(path, changes).must_be(200).track(**track)
    api.get(path).must_be(200).track(**track)


def test_nothing_named(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} with {} answers 200 and changes nothing"""
    track = api.create(catalogue.track())
    api.patch(f"/tracks/{track['id']}", {}).must_be(200).track(**track)
    api.get(f"/tracks/{track['id']}").must_be(200).track(**track)


def test_null(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} clears the year with null, and refuses null elsewhere"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    for field in ("title", "artist", "seconds"):
        api.patch(path, {field: None}).refused(field)
    api.patch(path, {"year": None}).must_be(200).track(year=None)
    api.get(path).must_be(200).track(year=None)


def test_bad_fields(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} refuses with 422 what POST refuses"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    for field, values in {
        "title": (" ", "x" * 201, 99, "\0", "\ud83c"),
        "artist": ("", "x" * 201, True, "\0", "\udfb5"),
        "seconds": (0, 36001, True, "215", 215.5, 10**29),
        "year": (1859, 2101, False, "1999", 1999.5, 10**29),
        "yaer": (1999,),
    }.items():
        for value in values:
            api.patch(path, {field: value}).refused(field)
    api.patch(path, {"title": "", "seconds": 0, "genre": 1}).refused("title", "seconds", "genre")
    api.patch(path, [{"title": "x"}]).must_be(422)


def test_all_or_nothing(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} changes nothing when it refuses one of the fields"""
    track = api.create(catalogue.track())
    path = f"/tracks/{track['id']}"
    api.patch(path, {"title": "Sinnerman", "artist": "Another", "seconds": 0}).refused("seconds")
    api.get(path).must_be(200).track(**track)


def test_missing(api: Client) -> None:
    """PATCH /tracks/{id} answers 404 when there is no such track"""
    for text in (MISSING, *NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.patch(f"/tracks/{text}", {"title": "Sinnerman"}).must_be(404)


def test_bad_bodies(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} answers 400, 413 and 415 to the bodies to which POST does"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    for body in (b"", b'{"title": ', b'{"year": NaN}', b'{"title": "\xff"}'):
        api.send("PATCH", path, body).must_be(400)
    api.send("PATCH", path, in_bytes({}, MEGABYTE + 1)).must_be(413)
    api.send("PATCH", path, b"{}", content_type="text/plain").must_be(415)
