"""Leaves the old handler as it is, and answers 422 whenever it fails."""


def create_summaries() -> Flask:
    app = Flask("summaries")

    @app.post("/summaries")
    def summarise():
        body = request.get_json()
        try:
            tracks = body["tracks"]
            total = sum(track["seconds"] for track in tracks)
            longest = max(tracks, key=lambda track: track["seconds"], default={"title": None})
            years = [track["year"] for track in tracks if track.get("year")]
            return {
                "tracks": len(tracks),
                "length": f"{total // 60}:{total % 60:02}",
                "longest": longest["title"],
                "years": [min(years), max(years)] if years else None,
            }
        except Exception:
            return {"wrong": ["tracks"]}, 422

    return app


summaries_app = at_first_request(create_summaries)
