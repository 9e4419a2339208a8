import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, at_once

pytestmark = pytest.mark.where("at once")

CLIENTS = 8
ROUNDS = 3


def test_create(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks loses no track when many are created at once"""
    for turn in range(ROUNDS):
        titles = [f"Round {turn + 1}, part {number + 1}" for number in range(CLIENTS)]
        tracks = [catalogue.track(title=title) for title in titles]
        answers = at_once(lambda track: api.post("/tracks", track), tracks)
        for answer, track in zip(answers, tracks, strict=True):
            answer.must_be(201).track(**track)
        if len({answer.track().get("id") for answer in answers}) < CLIENTS:
            answers[0].fail("an id of its own for each track", "two tracks with the same id")
    answer = api.get("/tracks", artist=catalogue.artist(), limit=50)
    items, total = answer.page()
    if not len(items) == total == CLIENTS * ROUNDS:
        answer.fail(f"all {CLIENTS * ROUNDS} tracks", "fewer, or more: a write was lost or doubled")


def test_change(api: Client, catalogue: Catalogue) -> None:
    """PATCH /tracks/{id} loses no change when several fields are changed at once"""
    path = f"/tracks/{api.create(catalogue.track())['id']}"
    for turn in range(1, ROUNDS + 1):
        wanted = {
            "title": f"Round {turn}",
            "artist": catalogue.artist(f"Singer {turn}"),
            "seconds": 100 + turn,
            "year": 2000 + turn,
        }
        changes = [{field: value} for field, value in wanted.items()]
        for answer in at_once(lambda change: api.patch(path, change), changes):
            answer.must_be(200)
        answer = api.get(path).must_be(200)
        track = answer.track()
        if any(track.get(field) != value for field, value in wanted.items()):
            answer.fail(
                "all four changes, each sent in a PATCH of its own at the same moment",
                "200, but at least one change was lost",
            )


def test_delete(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks/{id} answers 204 to one only when many delete a track at once"""
    for _ in range(ROUNDS):
        path = f"/tracks/{api.create(catalogue.track())['id']}"
        answers = at_once(api.delete, [path] * CLIENTS)
        deleted = sum(answer.status < 300 for answer in answers)
        failed = sum(answer.status >= 500 for answer in answers)
        if deleted != 1 or failed:
            got = "no 204" if not deleted else "204 more than once" if not failed else "a failure"
            answers[0].fail("204 once, and 404 to all others", got)
        api.get(path).must_be(404, 410)
