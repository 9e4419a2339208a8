"""Where the course explains each part of the contract: the one place that knows pages and anchors.

A rule names its topic with ``@pytest.mark.where(topic)``. The order of topics here is the order of
rules in a report. Topics may share a page.
"""

_SECTION = "chapters/02_advantages"
_FLASK = f"{_SECTION}/01_flask.ipynb"
_FASTAPI = f"{_SECTION}/02_fastapi.ipynb"
_DJANGO = f"{_SECTION}/03_django.ipynb"

PAGES: dict[str, str] = {
    "first route": f"{_FLASK}#the-first-route",
    "creating": f"{_FLASK}#creating-a-track",
    "storing": f"{_FLASK}#storing-tracks",
    "validation": f"{_FLASK}#validation",
    "reading": f"{_FLASK}#reading-one-track",
    "listing": f"{_FLASK}#listing-tracks",
    "changing": f"{_FLASK}#changing-a-track",
    "deleting": f"{_FLASK}#deleting-a-track",
    "errors": f"{_FLASK}#errors-are-answers-too",
    "at once": f"{_FLASK}#two-requests-at-once",
    "creating a playlist": f"{_DJANGO}#creating-a-playlist",
    "playlist names": f"{_DJANGO}#strict-reading",
    "reading a playlist": f"{_DJANGO}#reading-a-playlist",
    "tracks of a playlist": f"{_DJANGO}#the-tracks-of-a-playlist",
    "taking out": f"{_DJANGO}#the-tracks-of-a-playlist",
    "playlist errors": f"{_DJANGO}#errors",
    "playlists at once": f"{_DJANGO}#two-requests-for-a-playlist",
    "playing": f"{_FASTAPI}#playing-a-track",
    "refused plays": f"{_FASTAPI}#playing-a-track",
    "charts": f"{_FASTAPI}#charts",
    "play errors": f"{_FASTAPI}#errors-in-one-form",
    "plays at once": f"{_FASTAPI}#two-plays-at-once",
}
