"""Forgets the upper bound."""


def create_newest() -> FastAPI:
    app = FastAPI(title="newest")
    Limit = Annotated[int, Query(ge=1)]

    @app.get("/newest")
    def newest(limit: Limit = 3):
        by_year = sorted(TRACKS, key=lambda track: track["year"], reverse=True)
        return {"items": by_year[:limit]}

    return app


newest_app = at_first_request(create_newest)
