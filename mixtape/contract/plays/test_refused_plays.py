import pytest

from mixtape.contract.core.test_errors import with_status
from mixtape.contract.core.test_reading import MISSING
from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

from .hits import count, play, start

pytestmark = pytest.mark.where("refused plays")


def test_no_such_track(api: Client) -> None:
    """POST /plays answers 422 and names track_id when there is no such track"""
    api.post("/plays", {"track_id": MISSING}).refused("track_id")


def test_out_of_bounds(api: Client) -> None:
    """POST /plays refuses a track_id that is not positive, or too large for the database"""
    for number in (0, -1, 2**63, 10**29):
        api.post("/plays", {"track_id": number}).refused("track_id")


def test_missing(api: Client) -> None:
    """POST /plays refuses a play that lacks its track_id"""
    api.post("/plays", {}).refused("track_id")


def test_no_integer(api: Client, catalogue: Catalogue) -> None:
    """POST /plays refuses a track_id that is no integer: true, "215", 215.5"""
    number = api.create(catalogue.track())["id"]
    for value in (True, str(number), number + 0.5, None, [number], {"id": number}):
        api.post("/plays", {"track_id": value}).refused("track_id")


def test_unknown_field(api: Client, catalogue: Catalogue) -> None:
    """POST /plays refuses a field that it does not know, so that a typo is not lost"""
    number = api.create(catalogue.track())["id"]
    api.post("/plays", {"track_id": number, "times": 2}).refused("times")
    api.post("/plays", {"track_id": number, "trackid": number}).refused("trackid")


def test_no_object(api: Client, catalogue: Catalogue) -> None:
    """POST /plays answers 422 to JSON that is no object"""
    number = api.create(catalogue.track())["id"]
    for document in ([], [{"track_id": number}], "a play", number, True, None):
        api.post("/plays", document).must_be(422)


def test_not_counted(api: Client, catalogue: Catalogue) -> None:
    """POST /plays counts no play that it refuses"""
    times = start(api, 1)
    track = api.create(catalogue.track(title="Sinnerman"))
    play(api, track, times)
    before = count(api, catalogue)
    bad = ({"times": 2}, {"track_id": str(track["id"])}, {"times": 2, "track_id": None})
    answers = [api.post("/plays", {"track_id": track["id"], **more}) for more in bad]
    refused = len(with_status(422, answers))  # that all are refused are rules of their own
    wanted = before + len(answers) - refused
    if count(api, catalogue) != wanted:
        api.exchanges[-1].fail(f"200 and {wanted} plays, none for what was refused")
