import pytest

from mixtape.contract.core.test_reading import MISSING, NO_POSITIVE_INTEGERS, TOO_LARGE
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import JSON, Client

from .adding import add, create_tracks

pytestmark = pytest.mark.where("reading a playlist")


def test_read(api: Client, catalogue: Catalogue) -> None:
    """GET /playlists/{id} answers 200 with id, name, tracks and seconds, as application/json"""
    playlist = api.create_playlist("For a rainy Sunday")
    add(api, playlist, *create_tracks(api, catalogue, "Sinnerman"))
    answer = api.get(playlist).must_be(200)
    number = int(playlist.rpartition("/")[2])
    document = answer.document("playlist", id=number, name="For a rainy Sunday")
    if not {"tracks", "seconds"} <= set(document):
        answer.fail("200 and a playlist with id, name, tracks and seconds")
    if answer.media_type != JSON:
        answer.fail(f"200 with the content type {JSON}")


def test_whole_tracks(api: Client, catalogue: Catalogue) -> None:
    """GET /playlists/{id} has each track with all of its fields"""
    created = [
        api.create(catalogue.track(title="Sinnerman", seconds=622)),
        api.create(catalogue.track(title="Four Women", year=None)),
    ]
    playlist = api.create_playlist()
    add(api, playlist, *(track["id"] for track in created))
    answer = api.get(playlist)
    for got, track in zip(answer.tracks(), created, strict=False):
        if any(got.get(name, "missing") != value for name, value in track.items()):
            answer.fail("200 and tracks with id, title, artist, seconds and year, as created")


def test_seconds(api: Client, catalogue: Catalogue) -> None:
    """GET /playlists/{id} has the seconds of its tracks in all"""
    playlist = api.create_playlist()
    total = 0
    for seconds in (177, 622, 36000, 177):
        add(api, playlist, api.create(catalogue.track(seconds=seconds))["id"])
        total += seconds
        api.get(playlist).must_be(200).document("playlist", seconds=total)


def test_changed_track(api: Client, catalogue: Catalogue) -> None:
    """GET /playlists/{id} has tracks as they are now, also when they were changed since"""
    playlist = api.create_playlist()
    track_id, other = create_tracks(api, catalogue, "Feeling Good", "Sinnerman")
    add(api, playlist, track_id, other)
    api.patch(f"/tracks/{track_id}", {"title": "Feeling Better", "seconds": 200}).must_be(200)
    answer = api.get(playlist)
    answer.holds("Feeling Better", "Sinnerman")
    found = next(iter(answer.tracks()))
    if found.get("seconds") != 200:
        answer.fail("200 and the first track with 200 seconds, to which it was changed")


def test_missing(api: Client) -> None:
    """GET /playlists/{id} answers 404 when there is no such playlist"""
    api.get(f"/playlists/{MISSING}").must_be(404)


def test_bad_id(api: Client) -> None:
    """GET /playlists/{id} answers 404 to an id that is no positive integer, or too large"""
    for text in (*NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.get(f"/playlists/{text}").must_be(404)
