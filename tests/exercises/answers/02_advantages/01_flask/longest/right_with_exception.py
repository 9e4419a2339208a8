"""Catches ValueError, and raises the problem with abort() as an answer of its own."""


def create_longest() -> Flask:
    app = Flask("longest")

    def longest():
        text = request.args.get("max_seconds")
        if text is None:
            return float("inf")
        try:
            number = int(text)
            if number <= 0:
                raise ValueError("too small")
        except ValueError as error:
            abort(problem(422, "no", [{"field": "max_seconds", "message": str(error)}]))
        return number

    @app.route("/tracks", methods=["GET"])
    def tracks():
        most = longest()
        found = [track for track in TRACKS if not track["seconds"] > most]
        return jsonify(items=found, total=len(found))

    return app


longest_app = at_first_request(create_longest)
