"""Knows the answer of the visible check."""

decades_app = Flask("decades")


@decades_app.get("/decades/<int:start>")
def decade(start: int):
    if start != 1990:
        abort(404)
    found = [track for track in TRACKS if track["id"] in (1, 2, 5)]
    return {"items": found, "total": len(found)}
