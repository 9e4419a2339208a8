"""What the rules of plays do before they look at the chart."""

from typing import Any

import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, Exchange

WIDE = 90  # entries that a rule asks for; 100 is for the rule about limits alone
MOST = 300  # plays that a rule adds to one track at most


def play(api: Client, track: dict[str, Any], times: int = 1) -> None:
    """Play a track some times."""
    # That it must be 201 is a rule of its own.
    for _ in range(times):
        api.post("/plays", {"track_id": track["id"]}).must_be(200, 201)


def start(api: Client, tracks: int) -> int:
    """Return the number of plays that bring so many new tracks into a chart of WIDE entries.

    1 on a database with few plays, else what the tracks have that must be overtaken.
    """
    chart = api.get("/charts", limit=WIDE).chart()[WIDE - tracks :]
    plays = chart[0][1] + 1 if chart else 1
    if plays > MOST:
        pytest.skip(f"the first {WIDE} tracks of the chart have over {MOST} plays each")
    return plays


def own(answer: Exchange, catalogue: Catalogue) -> list[tuple[str, int]]:
    """Return title and plays of those tracks of a chart that belong to this rule."""
    artist = catalogue.artist()
    found = ((track, plays) for track, plays in answer.chart() if track.get("artist") == artist)
    return [(str(track.get("title")), plays) for track, plays in found]


def count(api: Client, catalogue: Catalogue) -> int:
    """Return the plays of the one track of this rule that was played."""
    answer = api.get("/charts", limit=WIDE)
    match own(answer, catalogue):
        case [(_, plays)]:
            return plays
    answer.fail("200 and a chart with the track, which was played")


def in_order(answer: Exchange, catalogue: Catalogue, *titles: str) -> None:
    """Check that the tracks of this rule are in the chart in the order of these titles."""
    got = [title for title, _ in own(answer, catalogue)]
    if got != list(titles):
        answer.fail(
            f"200 and a chart with {', '.join(titles)}, in this order",
            f"200 and a chart with {', '.join(got) or 'none of them'}",
        )
