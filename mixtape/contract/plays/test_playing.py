import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("playing")


def test_answer(api: Client, catalogue: Catalogue) -> None:
    """POST /plays answers 201 with the track_id, and an id that no other play has"""
    fields = {"track_id": api.create(catalogue.track())["id"]}
    first, second = (api.post("/plays", fields).must_be(201) for _ in range(2))
    ids = [answer.document("play", **fields).get("id") for answer in (first, second)]
    if not all(type(number) is int and number > 0 for number in ids) or ids[0] == ids[1]:
        second.fail("an id that is a positive integer and that no other play has")
