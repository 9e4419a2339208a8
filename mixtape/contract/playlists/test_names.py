from typing import Any

import pytest

from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("playlist names")


def refuse(api: Client, *names: Any) -> None:
    """Check that each of the names is refused."""
    for name in names:
        api.post("/playlists", {"name": name}).refused("name")


def take(api: Client, *names: str) -> None:
    """Check that each of the names is taken and stored."""
    for name in names:
        api.get(api.create_playlist(name)).must_be(200).document("playlist", name=name)


def test_trimmed(api: Client) -> None:
    """POST /playlists trims white space around the name"""
    for sent, stored in (
        (" \t For a  rainy Sunday \n", "For a  rainy Sunday"),
        (" " * 150 + "x" * 200 + " " * 150, "x" * 200),
    ):
        api.get(api.create_playlist(sent)).must_be(200).document("playlist", name=stored)


def test_length(api: Client) -> None:
    """POST /playlists takes a name of 1 to 200 characters, and no more"""
    take(api, "x", "x" * 200, "é" * 200, "🎵" * 200)
    refuse(api, "x" * 201, "é" * 201)


def test_blank(api: Client) -> None:
    """POST /playlists refuses a name that is empty or blank"""
    refuse(api, "", " \t\n ")


def test_missing(api: Client) -> None:
    """POST /playlists refuses a playlist that lacks its name"""
    api.post("/playlists", {}).refused("name")


def test_no_string(api: Client) -> None:
    """POST /playlists refuses a name that is no string"""
    refuse(api, None, 99, True, ["x"], {"x": "y"})


def test_unknown_field(api: Client) -> None:
    """POST /playlists refuses a field that it does not know, so that a typo is not lost"""
    api.post("/playlists", {"name": "For a rainy Sunday", "nmae": "x"}).refused("nmae")
    api.post("/playlists", {"name": "For a rainy Sunday", "Name": "x"}).refused("Name")


def test_nul(api: Client) -> None:
    """POST /playlists refuses NUL characters in the name"""
    refuse(api, "For a rainy\0Sunday", "\0")


def test_lone_surrogate(api: Client) -> None:
    """POST /playlists refuses lone surrogates in the name"""
    refuse(api, "For a rainy \ud83c", "\udfb5 Sunday")


def test_no_object(api: Client) -> None:
    """POST /playlists answers 422 to JSON that is no object"""
    for document in ([], [{"name": "For a rainy Sunday"}], "a playlist", 215, True, None):
        api.post("/playlists", document).must_be(422)
