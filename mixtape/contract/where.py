"""Where the course explains each part of the contract: the one place that knows pages and anchors.

A rule names its topic with ``@pytest.mark.where(topic)``. The order of
topics here is the order of rules in a report.
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
}
