import pytest

from mixtape.contract.core.test_at_once import CLIENTS, ROUNDS
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, Exchange, at_once

from .adding import create_tracks

pytestmark = pytest.mark.where("playlists at once")


def test_create(api: Client) -> None:
    """POST /playlists loses no playlist when many are created at once"""
    names = [f"Round 1, part {number + 1}" for number in range(CLIENTS)]
    answers = at_once(lambda name: api.post("/playlists", {"name": name}), names)
    for answer, name in zip(answers, names, strict=True):
        created = answer.must_be(200, 201).document("playlist")
        api.get(f"/playlists/{created.get('id')}").must_be(200).document("playlist", name=name)


def test_same_track(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} puts a track in once when sent many times at once"""
    (track_id,) = create_tracks(api, catalogue, "Sinnerman")
    for _ in range(ROUNDS):
        playlist = api.create_playlist()
        for answer in at_once(api.put, [f"{playlist}/tracks/{track_id}"] * CLIENTS):
            answer.must_be(200, 201, 204)
        api.get(playlist).holds("Sinnerman")


def test_other_tracks(api: Client, catalogue: Catalogue) -> None:
    """PUT /playlists/{id}/tracks/{track_id} loses no track when many are put in at once"""
    titles = [f"Part {number + 1}" for number in range(CLIENTS)]
    track_ids = create_tracks(api, catalogue, *titles)
    for _ in range(ROUNDS):
        playlist = api.create_playlist()
        for answer in at_once(api.put, [f"{playlist}/tracks/{number}" for number in track_ids]):
            answer.must_be(200, 201, 204)
        answer = api.get(playlist)
        if sorted(str(track.get("title")) for track in answer.tracks()) != titles:
            answer.fail(f"all {CLIENTS} tracks, each of them once", "a track was lost or doubled")


def test_delete(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} leaves no playlist with a track that is gone, sent at once with PUT"""
    for _ in range(ROUNDS):
        (track_id,) = create_tracks(api, catalogue, "Sinnerman")
        playlists = [api.create_playlist() for _ in range(CLIENTS - 1)]
        requests = [("PUT", f"{playlist}/tracks/{track_id}") for playlist in playlists]
        requests.insert(CLIENTS // 2, ("DELETE", f"/tracks/{track_id}"))
        answers = at_once(lambda request: api.send(*request), requests)
        deletion = answers.pop(CLIENTS // 2)
        if deletion.status < 300:
            check_gone(api, answers, playlists)
        else:
            deletion.must_be(409)
            for answer, playlist in zip(answers, playlists, strict=True):
                answer.must_be(200, 201, 204)
                api.get(playlist).holds("Sinnerman")


def check_gone(api: Client, answers: list[Exchange], playlists: list[str]) -> None:
    """Check that a deleted track is in none of the playlists, and that nobody was told it is."""
    for answer, playlist in zip(answers, playlists, strict=True):
        answer.must_be(404, 410)
        api.get(playlist).holds()
