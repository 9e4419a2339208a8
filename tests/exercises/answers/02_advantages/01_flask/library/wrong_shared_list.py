"""Keeps the tracks in a list outside the factory, so all libraries share it."""

TRACK_LIST: list[dict] = []


def create_library() -> Flask:
    app = Flask("library")

    @app.post("/tracks")
    def add_track():
        data = request.get_json()
        TRACK_LIST.append({"id": len(TRACK_LIST) + 1, **data})
        return TRACK_LIST[-1], 201

    @app.get("/tracks")
    def find_tracks():
        words = request.args.get("q", "").lower()
        found = [
            track
            for track in TRACK_LIST
            if words in track["title"].lower() or words in track["artist"].lower()
        ]
        return {"items": found, "total": len(found)}

    return app


@cache
def library(name: str) -> Flask:
    return create_library()


def libraries_app(environ, start_response):
    name = shift_path_info(environ)
    return library(name)(environ, start_response)
