"""Makes the playlist strict, and forgets the tracks in it."""


def playlist_model() -> type[BaseModel]:
    class Entry(BaseModel):
        title: str = Field(min_length=1, max_length=200)
        seconds: int = Field(ge=1, le=36_000)

    class Playlist(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")
        name: str = Field(min_length=1, max_length=100)
        public: bool = False
        tracks: list[Entry]

    return Playlist


def create_playlist(document):
    try:
        playlist = playlist_model().model_validate(document)
    except ValidationError as error:
        places = {".".join(map(str, problem["loc"])) for problem in error.errors()}
        return 422, {"wrong": sorted(places)}
    return 201, playlist.model_dump()


playlists_app = as_app(create_playlist)
