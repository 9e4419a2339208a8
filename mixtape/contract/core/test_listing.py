import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("listing")

THIRTY_DIGITS = 10**29


def create(api: Client, catalogue: Catalogue, *titles: str) -> str:
    """Create tracks with these titles, one after another; return the artist of them all."""
    for title in titles:
        api.create(catalogue.track(title=title))
    return catalogue.artist()


def test_page(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks answers 200 with the tracks in items and their number in total"""
    created = [api.create(catalogue.track(title=title)) for title in ("Sinnerman", "Four Women")]
    api.get("/tracks").page()
    answer = api.get("/tracks", artist=catalogue.artist())
    if answer.page() != (created, 2):
        answer.fail("200, in items the two tracks as they were created, total 2")


def test_default_limit(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks gives 20 tracks when no limit is named"""
    titles = [f"Part {number}" for number in range(1, 22)]
    artist = create(api, catalogue, *titles)
    api.get("/tracks", artist=artist).listed(*titles[:20], total=21)


def test_limit(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks gives at most limit tracks, which may be 1 to 100"""
    artist = create(api, catalogue, "One", "Two", "Three")
    api.get("/tracks", artist=artist, limit=1).listed("One", total=3)
    api.get("/tracks", artist=artist, limit=2).listed("One", "Two", total=3)
    api.get("/tracks", artist=artist, limit=100).listed("One", "Two", "Three")


def test_bad_limit(api: Client) -> None:
    """GET /tracks answers 422 to a limit that is no integer from 1 to 100"""
    for limit in (0, 101, -1, "ten", "1.5", "", THIRTY_DIGITS):
        api.get("/tracks", limit=limit).refused("limit")


def test_offset(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks leaves out the first offset tracks, and has no items past the end"""
    artist = create(api, catalogue, "One", "Two", "Three")
    api.get("/tracks", artist=artist, offset=0).listed("One", "Two", "Three")
    api.get("/tracks", artist=artist, offset=2).listed("Three", total=3)
    api.get("/tracks", artist=artist, offset=1, limit=1).listed("Two", total=3)
    api.get("/tracks", artist=artist, offset=3).listed(total=3)


def test_bad_offset(api: Client) -> None:
    """GET /tracks answers 422 to an offset that is no integer, or below 0"""
    for offset in (-1, "ten", "1.5", ""):
        api.get("/tracks", offset=offset).refused("offset")
    # 30 digits: no database counts that far, so 422; but "nothing is there" would be true as well.
    answer = api.get("/tracks", offset=THIRTY_DIGITS).must_be(200, 422)
    if answer.status == 422:
        answer.refused("offset")
    elif answer.page()[0]:
        answer.fail("422, or 200 with no items")


def test_bad_both(api: Client) -> None:
    """GET /tracks names limit and offset when both are bad"""
    api.get("/tracks", limit=0, offset=-1).refused("limit", "offset")


def test_order(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks lists tracks by their id"""
    artist = catalogue.artist()
    first = api.create(catalogue.track(title="Zebra", seconds=300, year=2001))
    create(api, catalogue, "Aurora")
    api.create(catalogue.track(title="Mango", seconds=2, year=1900))
    api.get("/tracks", artist=artist).listed("Zebra", "Aurora", "Mango")
    api.patch(f"/tracks/{first['id']}", {"year": 2002}).must_be(200)
    api.get("/tracks", artist=artist).listed("Zebra", "Aurora", "Mango")


def test_artist(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?artist= gives the tracks of exactly that artist"""
    create(api, catalogue, "Sinnerman")
    api.create(catalogue.track(title="Another's", artist=f"{catalogue.artist()} Trio"))
    api.create(catalogue.track(title="Yet another's", artist=f"The {catalogue.artist()}"))
    api.get("/tracks", artist=catalogue.artist()).listed("Sinnerman")
    api.get("/tracks", artist=catalogue.token).listed()
    api.get("/tracks", artist=f"%{catalogue.token}").listed()


def test_artist_letter_case(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?artist= tells capital letters from small ones"""
    artist = create(api, catalogue, "Sinnerman")
    api.get("/tracks", artist=artist.lower()).listed()
    api.get("/tracks", artist=artist.upper()).listed()
    api.get("/tracks", artist=artist).listed("Sinnerman")


def test_q(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?q= gives the tracks with this part in their title or artist"""
    token = catalogue.token
    create(api, catalogue, "Sinnerman", "Feeling Good")
    api.create(catalogue.track(title=f"Before {token} and after", artist="Another"))
    api.get("/tracks", q=token).listed("Sinnerman", "Feeling Good", f"Before {token} and after")
    api.get("/tracks", q=f"fore {token} an").listed(f"Before {token} and after")
    api.get("/tracks", q=f"Simone {token}", limit=1).listed("Sinnerman", total=2)
    api.get("/tracks", q=f"{token} nothing has this").listed()


def test_q_letter_case(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?q= takes capital and small letters for the same"""
    token = catalogue.token
    create(api, catalogue, f"Sinnerman {token}")
    for q in (f"SINNERMAN {token.upper()}", f"sinnerman {token}", f"nina SIMONE {token}"):
        api.get("/tracks", q=q).listed(f"Sinnerman {token}")


def test_q_beyond_ascii(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?q= takes É and é for the same, as it does other letters beyond ASCII"""
    token = catalogue.token
    titles = (f"Édith {token}", f"édith {token}", f"ДОРОГА {token}")
    artist = create(api, catalogue, *titles)
    for q in (f"édith {token}", f"ÉDITH {token}"):
        api.get("/tracks", q=q, artist=artist).listed(*titles[:2])
    api.get("/tracks", q=f"дорога {token}", artist=artist).listed(titles[2])
    api.get("/tracks", q=f"edith {token}", artist=artist).listed()


def test_q_wildcards(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?q= takes % and _ as themselves"""
    token = catalogue.token
    titles = (f"100% {token}", f"100 {token}", f"a_b {token}", f"axb {token}", rf"a\b {token}")
    artist = create(api, catalogue, *titles)
    api.get("/tracks", q=f"100% {token}", artist=artist).listed(titles[0])
    api.get("/tracks", q=f"a_b {token}", artist=artist).listed(titles[2])
    api.get("/tracks", q=rf"a\b {token}", artist=artist).listed(titles[4])
    api.get("/tracks", q="%", artist=artist).listed(titles[0])
    api.get("/tracks", q="_", artist=artist).listed(titles[2])


def test_artist_and_q(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks?artist=&q= gives the tracks that meet both"""
    artist = create(api, catalogue, "Sinnerman", "Four Women")
    api.create(catalogue.track(title="Sinnerman", artist=f"Peter Tosh {catalogue.token}"))
    api.get("/tracks", artist=artist, q="sinner").listed("Sinnerman")
    api.get("/tracks", artist=artist, q="").listed("Sinnerman", "Four Women")
