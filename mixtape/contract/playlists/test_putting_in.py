import pytest

from mixtape.contract.core.test_reading import MISSING, NO_POSITIVE_INTEGERS, TOO_LARGE
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .adding import add, create_tracks

pytestmark = pytest.mark.where("tracks of a playlist")


def test_put(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} answers 204 without a body, and puts the track in"""
    playlist = api.create_playlist()
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    answer = api.put(f"{playlist}/tracks/{track_id}").must_be(204)
    if answer.body or answer.headers.get("Content-Length", "0") != "0":
        answer.fail("204, no body")
    api.get(playlist).holds("Sinnerman")


def test_order(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} puts the track after those that are in there"""
    mango, aurora, zebra = create_tracks(api, catalogue, "Mango", "Aurora", "Zebra")
    for order, titles in (
        ((zebra, mango, aurora), ("Zebra", "Mango", "Aurora")),
        ((aurora, zebra, mango), ("Aurora", "Zebra", "Mango")),
    ):
        playlist = api.create_playlist()
        add(api, playlist, *order)
        api.get(playlist).holds(*titles)


def test_again(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} changes nothing when the track is in there already"""
    one, two, three = create_tracks(api, catalogue, "One", "Two", "Three")
    playlist = api.create_playlist()
    add(api, playlist, one, two, three)
    for track_id in (one, three, two, one):
        api.put(f"{playlist}/tracks/{track_id}").must_be(200, 204)
        api.get(playlist).holds("One", "Two", "Three")


def test_other_playlists(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} changes that playlist and no other"""
    one, two = create_tracks(api, catalogue, "One", "Two")
    first, second, third = (api.create_playlist(name) for name in ("First", "Second", "Second"))
    add(api, first, one, two)
    add(api, second, two)
    for playlist, titles in ((first, ("One", "Two")), (second, ("Two",)), (third, ())):
        api.get(playlist).holds(*titles)


def test_missing_playlist(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} answers 404 when there is no such playlist"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    for text in (MISSING, *NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.put(f"/playlists/{text}/tracks/{track_id}").must_be(404)


def test_missing_track(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} answers 404 when there is no such track"""
    playlist = api.create_playlist()
    add(api, playlist, *create_tracks(api, catalogue, "Sinnerman"))
    for text in (MISSING, *NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.put(f"{playlist}/tracks/{text}").must_be(404)
    api.get(playlist).holds("Sinnerman")
