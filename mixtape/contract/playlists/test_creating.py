import pytest

from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("creating a playlist")


def test_answer(api: Client) -> None:
    """POST /playlists answers 201 with the playlist, which has got an id of its own"""
    fields = {"name": "For a rainy Sunday"}
    first, second = (api.post("/playlists", fields).must_be(201) for _ in range(2))
    ids = [answer.document("playlist", **fields).get("id") for answer in (first, second)]
    if not all(type(number) is int and number > 0 for number in ids) or ids[0] == ids[1]:
        second.fail("an id that is a positive integer and that no other playlist has")


def test_stored(api: Client) -> None:
    """POST /playlists stores a playlist that has its name, no tracks and 0 seconds"""
    answer = api.get(api.create_playlist("For a rainy Sunday")).must_be(200)
    answer.document("playlist", name="For a rainy Sunday", tracks=[], seconds=0)


def test_every_character(api: Client) -> None:
    """POST /playlists keeps every character: accents, emoji, quotes, markup"""
    for name in (
        "Für später · 上を向いて",
        "🎵 👩‍🚀",
        "Robert'); DROP TABLE playlists;--",
        "<b>&amp;",
    ):
        api.get(api.create_playlist(name)).must_be(200).document("playlist", name=name)
