"""Minds the case of the letters."""


def create_library() -> Flask:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    Base.metadata.create_all(engine)
    app = Flask("library")

    def as_json(track: Track) -> dict:
        return {"id": track.id, "title": track.title, "artist": track.artist}

    @app.post("/tracks")
    def add_track():
        with Session(engine) as session:
            track = Track(**request.get_json())
            session.add(track)
            session.commit()
            return as_json(track), 201

    @app.get("/tracks")
    def find_tracks():
        words = request.args.get("q", "")
        with Session(engine) as session:
            items = [
                as_json(track)
                for track in session.scalars(select(Track).order_by(Track.id))
                if words in track.title or words in track.artist
            ]
        return {"items": items, "total": len(items)}

    return app


@cache
def library(name: str) -> Flask:
    return create_library()


def libraries_app(environ, start_response):
    name = shift_path_info(environ)
    return library(name)(environ, start_response)
