"""Takes the bounds themselves for too small and too large."""


def create_newest() -> FastAPI:
    app = FastAPI(title="newest")
    Limit = Annotated[int, Query(gt=1, lt=5)]

    @app.get("/newest")
    def newest(limit: Limit = 3):
        by_year = sorted(TRACKS, key=lambda track: track["year"], reverse=True)
        return {"items": by_year[:limit]}

    return app


newest_app = at_first_request(create_newest)
