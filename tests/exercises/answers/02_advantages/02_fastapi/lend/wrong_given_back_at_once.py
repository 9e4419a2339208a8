"""Gives the connection back before it is used."""


def create_lending() -> FastAPI:
    app = FastAPI(title="lending")
    pool = Pool()

    def lend() -> Iterator[int]:
        connection = pool.take()
        pool.give_back(connection)
        yield connection

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
