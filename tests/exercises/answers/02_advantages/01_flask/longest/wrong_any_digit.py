"""Trusts isdigit(), which takes a superscript two for a digit that int() cannot read."""


def create_longest() -> Flask:
    app = Flask("longest")

    @app.get("/tracks")
    def tracks():
        text = request.args.get("max_seconds", "36000")
        if not text.isdigit() or int(text) < 1:
            return problem(422, "bad", [{"field": "max_seconds", "message": "not a number"}])
        found = [track for track in TRACKS if track["seconds"] <= int(text)]
        return {"items": found, "total": len(found)}

    return app


longest_app = at_first_request(create_longest)
