"""Counts the first year of the next ten years in."""

decades_app = Flask("decades")


@decades_app.get("/decades/<int:start>")
def decade(start: int):
    found = [track for track in TRACKS if start <= track["year"] <= start + 10]
    if not found:
        abort(404)
    return {"items": found, "total": len(found)}
