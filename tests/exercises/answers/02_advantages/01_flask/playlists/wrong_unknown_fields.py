"""Ignores fields that a playlist does not have."""


def create_playlists() -> Flask:
    app = Flask("playlists")
    playlists: dict[int, dict] = {}
    numbers = count(1)

    @app.post("/playlists")
    def create_playlist():
        data = request.get_json()
        name = data.get("name") if isinstance(data, dict) else None
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 200:
            return problem(422, "bad", [{"field": "name", "message": "1 to 200 characters"}])
        number = next(numbers)
        playlists[number] = {"id": number, "name": name.strip()}
        return playlists[number], 201, {"Location": f"/playlists/{number}"}

    @app.get("/playlists/<int:number>")
    def show_playlist(number: int):
        return playlists.get(number) or abort(404)

    return app


playlists_app = at_first_request(create_playlists)
