"""What the rules of playlists do before they look."""

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client


def create_tracks(api: Client, catalogue: Catalogue, *titles: str) -> list[int]:
    """Create tracks with these titles, one after another; return their ids."""
    return [api.create(catalogue.track(title=title))["id"] for title in titles]


def add(api: Client, playlist: str, *track_ids: int) -> None:
    """Put tracks in the playlist at this path, one after another."""
    # That it must be 204 is a rule of its own.
    for track_id in track_ids:
        api.put(f"{playlist}/tracks/{track_id}").must_be(200, 201, 204)
