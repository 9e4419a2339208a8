"""Converts without looking first, so a word becomes a 500."""


def create_longest() -> Flask:
    app = Flask("longest")

    @app.get("/tracks")
    def tracks():
        longest = int(request.args.get("max_seconds", "36000"))
        if longest < 1:
            return problem(422, "bad", [{"field": "max_seconds", "message": "too small"}])
        found = [track for track in TRACKS if track["seconds"] <= longest]
        return {"items": found, "total": len(found)}

    return app


longest_app = at_first_request(create_longest)
