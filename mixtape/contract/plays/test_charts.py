import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import JSON, Client

from .hits import WIDE, in_order, own, play, start

pytestmark = pytest.mark.where("charts")

DEFAULT = 10


def test_chart(api: Client, catalogue: Catalogue) -> None:
    """GET /charts answers 200 with track and plays of each entry, as application/json"""
    play(api, api.create(catalogue.track()))
    answer = api.get("/charts").must_be(200)
    if not answer.chart():
        answer.fail("200 and at least one track, as one was played")
    if answer.media_type != JSON:
        answer.fail(f"200 with the content type {JSON}")


def test_whole_tracks(api: Client, catalogue: Catalogue) -> None:
    """GET /charts has each track with all of its fields, as they are now"""
    times = start(api, 1)
    track = api.create(catalogue.track(title="Feeling Good"))
    play(api, track, times)
    track |= {"title": "Feeling Better", "seconds": 200}
    api.patch(f"/tracks/{track['id']}", {"title": "Feeling Better", "seconds": 200}).must_be(200)
    answer = api.get("/charts", limit=WIDE)
    found = [entry for entry, _ in answer.chart() if entry.get("id") == track["id"]]
    if not found or any(found[0].get(name, "missing") != track[name] for name in track):
        answer.fail("200 and the track with all of its fields, as it was changed after the play")


def test_counts(api: Client, catalogue: Catalogue) -> None:
    """GET /charts counts every play of a track, and no play of another"""
    times = start(api, 2)
    tracks = [api.create(catalogue.track(title=title)) for title in ("Sinnerman", "Four Women")]
    play(api, tracks[0], times + 2)
    play(api, tracks[1], times)
    answer = api.get("/charts", limit=WIDE)
    if sorted(own(answer, catalogue)) != [("Four Women", times), ("Sinnerman", times + 2)]:
        answer.fail(f"200, Sinnerman with {times + 2} plays and Four Women with {times}")


def test_most_played_first(api: Client, catalogue: Catalogue) -> None:
    """GET /charts has the most played track first"""
    times = start(api, 3)
    titles = ("Mango", "Aurora", "Zebra")
    for title, more in zip(titles, (1, 0, 2), strict=True):
        play(api, api.create(catalogue.track(title=title)), times + more)
    answer = api.get("/charts", limit=WIDE)
    in_order(answer, catalogue, "Zebra", "Mango", "Aurora")
    plays = [number for _, number in answer.chart()]
    if plays != sorted(plays, reverse=True):
        answer.fail("200 and plays that go down from entry to entry")


def test_ties(api: Client, catalogue: Catalogue) -> None:
    """GET /charts has tracks with as many plays by their id"""
    times = start(api, 3)
    zebra, mango, aurora = (
        api.create(catalogue.track(title=title)) for title in ("Zebra", "Mango", "Aurora")
    )
    for track in (aurora, zebra, mango):
        play(api, track, times)
    in_order(api.get("/charts", limit=WIDE), catalogue, "Zebra", "Mango", "Aurora")


def test_only_played(api: Client, catalogue: Catalogue) -> None:
    """GET /charts has no track that was never played"""
    times = start(api, 1)
    play(api, api.create(catalogue.track(title="Played")), times)
    api.create(catalogue.track(title="Never played"))
    answer = api.get("/charts", limit=WIDE)
    in_order(answer, catalogue, "Played")
    if any(plays < 1 for _, plays in answer.chart()):
        answer.fail("200 and no track with 0 plays", "200 and a track that was never played")


def test_default_limit(api: Client, catalogue: Catalogue) -> None:
    """GET /charts gives 10 tracks when no limit is named"""
    for _ in range(DEFAULT + 1 - len(api.get("/charts", limit=DEFAULT + 1).chart())):
        play(api, api.create(catalogue.track()))
    answer = api.get("/charts")
    if len(answer.chart()) != DEFAULT:
        answer.fail("200 and 10 tracks", f"200 and {len(answer.chart())} tracks")


def test_limit(api: Client, catalogue: Catalogue) -> None:
    """GET /charts gives at most limit tracks, which may be 1 to 100"""
    for _ in range(3):
        play(api, api.create(catalogue.track()))
    everything = api.get("/charts", limit=100).chart()
    for limit in (1, 2):
        answer = api.get("/charts", limit=limit)
        if answer.chart() != everything[:limit]:
            answer.fail(f"200 and the first entries of the whole chart, {limit} in number")


def test_bad_limit(api: Client) -> None:
    """GET /charts answers 422 to a limit that is no integer from 1 to 100"""
    for limit in (0, 101, -1, "ten", "1.5", "", 10**29):
        api.get("/charts", limit=limit).refused("limit")
