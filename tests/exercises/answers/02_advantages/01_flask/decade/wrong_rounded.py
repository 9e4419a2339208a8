"""Rounds both years down, so 1995 is taken for 1990."""

decades_app = Flask("decades")


@decades_app.get("/decades/<int:start>")
def decade(start: int):
    found = [track for track in TRACKS if track["year"] // 10 == start // 10]
    if not found:
        abort(404)
    return {"items": found, "total": len(found)}
