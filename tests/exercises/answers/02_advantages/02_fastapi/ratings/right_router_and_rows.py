"""Uses a router that describes all errors at once, and keeps rows."""

from fastapi import APIRouter


def create_ratings() -> FastAPI:
    class Row(BaseModel):
        track_id: int
        stars: int = Field(ge=1, le=5, strict=True)

    class Stars(BaseModel):
        stars: int = Field(ge=1, le=5, strict=True)

    rows: list[Row] = []
    router = APIRouter(prefix="/ratings", responses={"4XX": {"description": "An error"}})

    def row_of(track_id: int) -> Row:
        for row in rows:
            if row.track_id == track_id:
                return row
        raise HTTPException(404, "nothing here")

    Found = Annotated[Row, Depends(row_of)]

    @router.get("")
    def all_rows(min_stars: int = Query(1, ge=1, le=5)):
        rows.sort(key=lambda row: row.track_id)
        return {"items": [row for row in rows if not row.stars < min_stars]}

    @router.get("/{track_id}")
    async def one_row(row: Found) -> Row:
        return row

    @router.put("/{track_id}")
    async def put_row(track_id: int, body: Stars) -> Row:
        if not any(track["id"] == track_id for track in TRACKS):
            raise HTTPException(404)
        rows[:] = [row for row in rows if row.track_id != track_id]
        rows.append(Row(track_id=track_id, stars=body.stars))
        return rows[-1]

    @router.delete("/{track_id}", status_code=204)
    async def drop_row(row: Found) -> None:
        rows.remove(row)

    app = FastAPI()
    app.include_router(router)
    return app


ratings_app = at_first_request(create_ratings)
