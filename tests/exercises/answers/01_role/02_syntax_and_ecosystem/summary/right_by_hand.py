"""Uses no Pydantic: a function collects the places, in a loop over the fields."""


def in_range(value, least, most):
    return type(value) is int and least <= value <= most


def places(body):
    if not isinstance(body, dict):
        return {"body"}
    wrong = body.keys() - {"tracks"}
    if not isinstance(body.get("tracks"), list):
        return wrong | {"tracks"}
    for number, track in enumerate(body["tracks"]):
        if not isinstance(track, dict):
            wrong.add(f"tracks.{number}")
            continue
        title, year = track.get("title"), track.get("year")
        bad = track.keys() - {"title", "seconds", "year"}
        if not isinstance(title, str) or not 1 <= len(title) <= 200:
            bad.add("title")
        if not in_range(track.get("seconds"), 1, 36_000):
            bad.add("seconds")
        if year is not None and not in_range(year, 1860, 2100):
            bad.add("year")
        wrong |= {f"tracks.{number}.{name}" for name in bad}
    return wrong


def create_summaries() -> Flask:
    app = Flask("summaries")

    @app.post("/summaries")
    def summarise():
        body = request.get_json()
        wrong = places(body)
        if wrong:
            return {"wrong": sorted(wrong)}, 422
        tracks = body["tracks"]
        minutes, rest = divmod(sum(track["seconds"] for track in tracks), 60)
        by_length = sorted(tracks, key=lambda track: -track["seconds"])
        years = sorted(track["year"] for track in tracks if track.get("year") is not None)
        return {
            "tracks": len(tracks),
            "length": f"{minutes}:{rest:02}",
            "longest": by_length[0]["title"] if by_length else None,
            "years": years[:1] + years[-1:] or None,
        }

    return app


summaries_app = at_first_request(create_summaries)
