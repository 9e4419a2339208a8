"""Answers 200 with an empty list where nothing is."""

decades_app = Flask("decades")


@decades_app.get("/decades/<int:start>")
def decade(start: int):
    found = [track for track in TRACKS if start <= track["year"] < start + 10]
    return {"items": found, "total": len(found)}
