"""Gives it back after an HTTPException, and not after any other error."""


def create_lending() -> FastAPI:
    app = FastAPI(title="lending")
    pool = Pool()

    def lend() -> Iterator[int]:
        connection = pool.take()
        try:
            yield connection
        except HTTPException:
            pool.give_back(connection)
            raise
        else:
            pool.give_back(connection)

    @app.get("/tracks/{number}")
    def show_track(number: int, connection: Annotated[int, Depends(lend)]):
        if number > 100:
            raise HTTPException(404)
        return {"connection": connection, "free": len(pool.free), "part": 100 // number}

    @app.get("/free")
    def show_free():
        return {"free": sorted(pool.free)}

    return app


lending_app = at_first_request(create_lending)
