"""Takes any number that is within the bounds, also 2.5."""


def create_newest() -> FastAPI:
    app = FastAPI(title="newest")
    Limit = Annotated[float, Query(ge=1, le=5)]

    @app.get("/newest")
    def newest(limit: Limit = 3):
        by_year = sorted(TRACKS, key=lambda track: track["year"], reverse=True)
        return {"items": by_year[: int(limit)]}

    return app


newest_app = at_first_request(create_newest)
