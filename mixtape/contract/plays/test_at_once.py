import pytest

from mixtape.contract.core.test_at_once import CLIENTS, ROUNDS
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, at_once

from .hits import count, play, start

pytestmark = pytest.mark.where("plays at once")


def test_play(api: Client, catalogue: Catalogue) -> None:
    """POST /plays loses no play when a track is played many times at once"""
    times = start(api, 1)
    track = api.create(catalogue.track(title="Sinnerman"))
    play(api, track, times)
    before = count(api, catalogue)
    for turn in range(1, ROUNDS + 1):
        answers = at_once(
            lambda number: api.post("/plays", {"track_id": number}), [track["id"]] * CLIENTS
        )
        for answer in answers:
            answer.must_be(200, 201)
        wanted = before + turn * CLIENTS
        got = count(api, catalogue)
        if got != wanted:
            api.exchanges[-1].fail(f"200 and {wanted} plays", f"200 and {got} plays")
