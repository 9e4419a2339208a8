import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import JSON, Client

pytestmark = pytest.mark.where("creating")


def test_location(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 201 and says where the track is"""
    answer = api.post("/tracks", catalogue.track()).must_be(201)
    created = answer.track()
    location = answer.headers.get("Location")
    if location != f"/tracks/{created.get('id')}":
        answer.fail(
            "201 and the header Location: /tracks/{id}, with the id of the track",
            f"201 and Location: {location} {answer.body.decode(errors='replace')}",
        )


def test_answer(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers with the track, which has got an id of its own"""
    track = catalogue.track()
    first, second = (api.post("/tracks", track).must_be(201) for _ in range(2))
    ids = [answer.track(**track).get("id") for answer in (first, second)]
    if not all(type(number) is int and number > 0 for number in ids) or ids[0] == ids[1]:
        second.fail("an id that is a positive integer and that no other track has")
    if set(second.track()) != {"id", *track}:
        second.fail("the fields id, title, artist, seconds and year, and no others")


def test_without_year(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks takes a track without a year, and answers with the year null"""
    track = catalogue.track()
    api.post("/tracks", track | {"year": None}).must_be(201).track(year=None)
    del track["year"]
    api.post("/tracks", track).must_be(201).track(year=None)


@pytest.mark.where("storing")
def test_every_character(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks keeps every character: accents, emoji, quotes, markup"""
    for title in (
        "Für Elise · Дорогой длинною · 上を向いて歩こう",
        "🎵 Happy 👩‍🚀",
        "e\u0301 beside \u00e9",
        'Robert\'); DROP TABLE tracks;-- "quoted"',
        "<b>100 %</b> &amp; {{ 7 * 7 }} \\ /",
        "two\nlines and a\ttab",
    ):
        created = api.create(catalogue.track(title=title))
        api.get(f"/tracks/{created['id']}").must_be(200).track(title=title)


def test_charset(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks takes application/json with a parameter such as charset"""
    body = f'{{"title": "Für Elise", "artist": "{catalogue.artist()}", "seconds": 177}}'.encode()
    answer = api.send("POST", "/tracks", body, content_type=f"{JSON}; charset=utf-8")
    answer.must_be(201).track(title="Für Elise")
