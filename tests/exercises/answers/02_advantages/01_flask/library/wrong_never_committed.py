"""Adds a track and forgets to commit, so it is gone at once."""


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
            session.flush()
            return as_json(track), 201

    @app.get("/tracks")
    def find_tracks():
        query = select(Track).order_by(Track.id)
        words = request.args.get("q", "")
        found = or_(
            Track.title.icontains(words, autoescape=True),
            Track.artist.icontains(words, autoescape=True),
        )
        with Session(engine) as session:
            items = [as_json(track) for track in session.scalars(query.where(found))]
        return {"items": items, "total": len(items)}

    return app


@cache
def library(name: str) -> Flask:
    return create_library()


def libraries_app(environ, start_response):
    name = shift_path_info(environ)
    return library(name)(environ, start_response)
