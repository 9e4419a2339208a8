from typing import Any

import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("validation")

THIRTY_DIGITS = 10**29


def refuse(api: Client, catalogue: Catalogue, field: str, *values: Any) -> None:
    """Check that each of the values is refused for this field."""
    for value in values:
        api.post("/tracks", catalogue.track(**{field: value})).refused(field)


def take(api: Client, catalogue: Catalogue, field: str, *values: Any) -> None:
    """Check that each of the values is taken for this field."""
    for value in values:
        api.post("/tracks", catalogue.track(**{field: value})).must_be(201).track(**{field: value})


def test_trimmed(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks trims white space around title and artist"""
    artist = catalogue.artist()
    track = catalogue.track(title=" \t Feeling  Good \n", artist=f"\n {artist}  ")
    api.post("/tracks", track).must_be(201).track(title="Feeling  Good", artist=artist)
    padded = " " * 150 + "x" * 200 + " " * 150
    api.post("/tracks", catalogue.track(title=padded)).must_be(201).track(title="x" * 200)


def test_length(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks takes 1 to 200 characters in title and artist, and no more"""
    for field in ("title", "artist"):
        own = catalogue.token if field == "artist" else ""  # an artist that no other rule lists
        take(api, catalogue, field, own + "x" * (200 - len(own)), own + "é" * (200 - len(own)))
        refuse(api, catalogue, field, "x" * 201, "é" * 201)
    take(api, catalogue, "title", "x", "🎵" * 200)


def test_blank(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses a title or an artist that is empty or blank"""
    for field in ("title", "artist"):
        refuse(api, catalogue, field, "", " \t\n ")


def test_missing(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses a track that lacks title, artist or seconds"""
    for field in ("title", "artist", "seconds"):
        track = catalogue.track()
        del track[field]
        api.post("/tracks", track).refused(field)
    api.post("/tracks", {}).refused("title", "artist", "seconds")


def test_no_string(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses a title or an artist that is no string"""
    for field in ("title", "artist"):
        refuse(api, catalogue, field, None, 99, True, ["x"], {"x": "y"})


def test_seconds(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks takes seconds from 1 to 36000, and no others"""
    take(api, catalogue, "seconds", 1, 36000)
    refuse(api, catalogue, "seconds", 0, 36001, -215, THIRTY_DIGITS)


def test_year(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks takes a year from 1860 to 2100, and no other"""
    take(api, catalogue, "year", 1860, 2100)
    refuse(api, catalogue, "year", 1859, 2101, -1999, THIRTY_DIGITS)


def test_no_integer(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses seconds and a year that are no integers: true, "215", 215.5"""
    refuse(api, catalogue, "seconds", True, "215", 215.5, None, [215])
    refuse(api, catalogue, "year", True, "1999", 1999.5, "", [1999])


def test_unknown_field(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses a field that it does not know, so that a typo is not lost"""
    api.post("/tracks", catalogue.track(yaer=1999)).refused("yaer")
    api.post("/tracks", catalogue.track(Title="Feeling Good")).refused("Title")


def test_nul(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses NUL characters in title and artist"""
    for field in ("title", "artist"):
        refuse(api, catalogue, field, "Feeling\0Good", "\0")


def test_lone_surrogate(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks refuses lone surrogates in title and artist"""
    for field in ("title", "artist"):
        refuse(api, catalogue, field, "Feeling \ud83c", "\udfb5 Good")


def test_each_bad_field(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks names each bad field once, all of them in one answer"""
    track = catalogue.track(title="\0" + "x" * 300, artist=7, seconds=-1, year="soon", genre="jazz")
    api.post("/tracks", track).refused("title", "artist", "seconds", "year", "genre")


def test_no_object(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 422 to JSON that is no object"""
    for document in ([], [catalogue.track()], "a track", 215, True, None):
        api.post("/tracks", document).must_be(422)


def test_nothing_stored(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks stores nothing when it refuses a track"""
    api.post("/tracks", catalogue.track(seconds=0)).must_be(422)
    api.post("/tracks", catalogue.track(genre="jazz")).must_be(422)
    api.get("/tracks", artist=catalogue.artist()).listed()
