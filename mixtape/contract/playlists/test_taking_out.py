import pytest

from mixtape.contract.core.test_reading import MISSING, NO_POSITIVE_INTEGERS, TOO_LARGE
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .adding import add, create_tracks

pytestmark = pytest.mark.where("taking out")


def test_delete(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists/{id}/tracks/{track_id} answers 204 and sends no body"""
    playlist = api.create_playlist()
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    add(api, playlist, track_id)
    answer = api.delete(f"{playlist}/tracks/{track_id}").must_be(204)
    if answer.body or answer.headers.get("Content-Length", "0") != "0":
        answer.fail("204, no body")


def test_no_other(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists/{id}/tracks/{track_id} takes out that track, of that playlist alone"""
    one, two, three = create_tracks(api, catalogue, "One", "Two", "Three")
    playlist, other = api.create_playlist("Sunday"), api.create_playlist("Monday")
    for path in (playlist, other):
        add(api, path, one, two, three)
    api.delete(f"{playlist}/tracks/{two}").must_be(200, 204)
    api.get(playlist).holds("One", "Three")
    api.get(other).holds("One", "Two", "Three")


def test_track_stays(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists/{id}/tracks/{track_id} does not delete the track itself"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    playlist = api.create_playlist()
    add(api, playlist, track_id)
    api.delete(f"{playlist}/tracks/{track_id}").must_be(200, 204)
    api.get(f"/tracks/{track_id}").must_be(200).track(title="Sinnerman")


def test_not_in_there(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists/{id}/tracks/{track_id} answers 204 also when the track is not in there"""
    one, two = create_tracks(api, catalogue, "One", "Two")
    playlist, other = api.create_playlist("Sunday"), api.create_playlist("Monday")
    add(api, playlist, one)
    add(api, other, two)
    for path in (playlist, other, other):
        api.delete(f"{path}/tracks/{two}").must_be(200, 204)
    api.delete(f"{playlist}/tracks/{MISSING}").must_be(200, 204)
    api.get(playlist).holds("One")


def test_missing_playlist(api: Client, catalogue: Catalogue) -> None:
    """DELETE /playlists/{id}/tracks/{track_id} answers 404 when there is no such playlist"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    for text in (MISSING, *NO_POSITIVE_INTEGERS, *TOO_LARGE):
        api.delete(f"/playlists/{text}/tracks/{track_id}").must_be(404)


def test_held_track(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} answers 409 while a playlist holds the track"""
    titles = ("Four Women", "Sinnerman")
    track_ids = create_tracks(api, catalogue, *titles)
    playlist = api.create_playlist()
    add(api, playlist, *track_ids)
    for track_id, title in zip(track_ids, titles, strict=True):
        api.delete(f"/tracks/{track_id}").must_be(409)
        api.get(f"/tracks/{track_id}").must_be(200).track(title=title)
    api.get(playlist).holds(*titles)


def test_released_track(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} deletes a track that no playlist holds any more"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    playlist = api.create_playlist()
    add(api, playlist, track_id)
    api.delete(f"{playlist}/tracks/{track_id}").must_be(200, 204)
    # That taking out does not delete it already is a rule of its own.
    answer = api.delete(f"/tracks/{track_id}")
    if answer.status not in (200, 204, 404, 410):
        answer.fail("204")
    api.get(f"/tracks/{track_id}").must_be(404, 410)
