"""Lists ratings in the order in which they came."""


def create_ratings() -> FastAPI:
    app = FastAPI(title="ratings")
    known = {track["id"] for track in TRACKS}
    ratings: dict[int, int] = {}

    class RatingPut(BaseModel):
        stars: Annotated[int, Field(strict=True, ge=1, le=5)]

    not_found = {404: {"description": "There is no such track, or it has no rating"}}

    @app.put("/ratings/{track_id}", responses=not_found)
    def rate(track_id: int, rating: RatingPut):
        if track_id not in known:
            raise HTTPException(404)
        ratings[track_id] = rating.stars
        return {"track_id": track_id, "stars": rating.stars}

    @app.get("/ratings/{track_id}", responses=not_found)
    def show_rating(track_id: int):
        if track_id not in ratings:
            raise HTTPException(404)
        return {"track_id": track_id, "stars": ratings[track_id]}

    @app.get("/ratings")
    def list_ratings(min_stars: Annotated[int, Query(ge=1, le=5)] = 1):
        items = [
            {"track_id": track_id, "stars": stars}
            for track_id, stars in ratings.items()
            if stars >= min_stars
        ]
        return {"items": items}

    @app.delete("/ratings/{track_id}", status_code=204, responses=not_found)
    def delete_rating(track_id: int) -> None:
        if ratings.pop(track_id, None) is None:
            raise HTTPException(404)

    return app


ratings_app = at_first_request(create_ratings)
