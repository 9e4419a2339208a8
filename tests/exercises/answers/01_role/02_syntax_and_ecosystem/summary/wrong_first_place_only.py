"""Names the first place that is wrong and stops there."""


def create_summaries() -> Flask:
    app = Flask("summaries")

    class Song(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")

        title: str = Field(min_length=1, max_length=200)
        seconds: int = Field(ge=1, le=36_000)
        year: int | None = Field(default=None, ge=1860, le=2100)

    class Songs(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")

        tracks: list[Song]

    @app.post("/summaries")
    def summarise():
        try:
            songs = Songs.model_validate(request.get_json()).tracks
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            return {"wrong": [place]}, 422
        total = sum(song.seconds for song in songs)
        longest = max(songs, key=lambda song: song.seconds, default=None)
        years = [song.year for song in songs if song.year is not None]
        return {
            "tracks": len(songs),
            "length": f"{total // 60}:{total % 60:02}",
            "longest": longest and longest.title,
            "years": [min(years), max(years)] if years else None,
        }

    return app


summaries_app = at_first_request(create_summaries)
