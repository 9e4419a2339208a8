"""Puts a function of its own beside the type."""

from pydantic import AfterValidator


def create_newest() -> FastAPI:
    app = FastAPI(title="newest")

    def within_bounds(limit: int) -> int:
        if limit not in range(1, 6):
            raise ValueError("must be from 1 to 5")
        return limit

    Limit = Annotated[int, AfterValidator(within_bounds)]

    @app.get("/newest")
    def newest(limit: Limit = 3):
        by_year = sorted(TRACKS, key=lambda track: track["year"], reverse=True)
        return {"items": by_year[:limit]}

    return app


newest_app = at_first_request(create_newest)
