"""Where the course explains each part of the contract: the one place that knows pages and anchors.

A rule names its topic with ``@pytest.mark.where(topic)``. The order of topics here is the order of
rules in a report. Topics may share a page.
"""

_FLASK = "chapters/02_advantages/01_flask.ipynb"

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
    "creating a playlist": f"{_FLASK}#creating-a-track",
    "playlist names": f"{_FLASK}#validation",
    "reading a playlist": f"{_FLASK}#reading-one-track",
    "tracks of a playlist": f"{_FLASK}#storing-tracks",
    "taking out": f"{_FLASK}#deleting-a-track",
    "playlist errors": f"{_FLASK}#errors-are-answers-too",
    "playlists at once": f"{_FLASK}#two-requests-at-once",
    "playing": f"{_FLASK}#creating-a-track",
    "refused plays": f"{_FLASK}#validation",
    "charts": f"{_FLASK}#listing-tracks",
    "play errors": f"{_FLASK}#errors-are-answers-too",
    "plays at once": f"{_FLASK}#two-requests-at-once",
}
