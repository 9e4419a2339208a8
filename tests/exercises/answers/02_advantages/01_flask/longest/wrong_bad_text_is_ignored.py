"""Lets Flask convert, which gives None for bad text as if nobody had asked."""


def create_longest() -> Flask:
    app = Flask("longest")

    @app.get("/tracks")
    def tracks():
        longest = request.args.get("max_seconds", type=int)
        found = [track for track in TRACKS if longest is None or track["seconds"] <= longest]
        return {"items": found, "total": len(found)}

    return app


longest_app = at_first_request(create_longest)
