"""Keeps the spaces around a name, and measures them too."""


def create_playlists() -> FastAPI:
    app = FastAPI(title="playlists")
    numbers = count(1)

    class PlaylistCreate(BaseModel):
        model_config = ConfigDict(extra="forbid")

        name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
        public: Annotated[bool, Field(strict=True)] = False
        tags: Annotated[list[str], Field(max_length=5)] = []

    @app.post("/playlists", status_code=201)
    def create_playlist(fields: PlaylistCreate, response: Response):
        number = next(numbers)
        response.headers["Location"] = f"/playlists/{number}"
        return {"id": number, **fields.model_dump()}

    return app


playlists_app = at_first_request(create_playlists)
