"""Sets strictness and trimming for the whole model, and returns a response of its own."""

from pydantic import StrictBool, conlist, constr


def create_playlists() -> FastAPI:
    app = FastAPI(title="playlists")
    made = []

    class Playlist(BaseModel, extra="forbid", str_strip_whitespace=True):
        name: constr(min_length=1, max_length=40)
        public: StrictBool = False
        tags: conlist(str, max_length=5) = Field(default_factory=list)

    @app.post("/playlists")
    def add(playlist: Playlist) -> Response:
        made.append(playlist)
        body = {**playlist.model_dump(), "id": 1000 + len(made)}
        return JSONResponse(body, 201, {"Location": f"http://localhost/playlists/{body['id']}"})

    return app


playlists_app = at_first_request(create_playlists)
