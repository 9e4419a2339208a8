"""Lets Pydantic convert, so yes and 1 are taken for true."""


def create_playlists() -> FastAPI:
    app = FastAPI(title="playlists")
    numbers = count(1)

    class PlaylistCreate(BaseModel):
        model_config = ConfigDict(extra="forbid")

        name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
        public: bool = False
        tags: Annotated[list[str], Field(max_length=5)] = []

    @app.post("/playlists", status_code=201)
    def create_playlist(fields: PlaylistCreate, response: Response):
        number = next(numbers)
        response.headers["Location"] = f"/playlists/{number}"
        return {"id": number, **fields.model_dump()}

    return app


playlists_app = at_first_request(create_playlists)
