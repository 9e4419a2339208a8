"""Answers 200, as FastAPI does unless told otherwise."""


def create_playlists() -> FastAPI:
    app = FastAPI(title="playlists")
    numbers = count(1)

    class PlaylistCreate(BaseModel):
        model_config = ConfigDict(extra="forbid")

        name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
        public: Annotated[bool, Field(strict=True)] = False
        tags: Annotated[list[str], Field(max_length=5)] = []

    @app.post("/playlists")
    def create_playlist(fields: PlaylistCreate, response: Response):
        number = next(numbers)
        response.headers["Location"] = f"/playlists/{number}"
        return {"id": number, **fields.model_dump()}

    return app


playlists_app = at_first_request(create_playlists)
