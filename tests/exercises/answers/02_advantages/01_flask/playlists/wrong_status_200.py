"""Makes playlists and answers 200, with no word about where they are."""


def create_playlists() -> Flask:
    app = Flask("playlists")
    playlists: dict[int, dict] = {}
    numbers = count(1)

    @app.post("/playlists")
    def create_playlist():
        name = request.get_json()["name"].strip()
        if not 1 <= len(name) <= 200:
            return problem(422, "bad", [{"field": "name", "message": "1 to 200 characters"}])
        number = next(numbers)
        playlists[number] = {"id": number, "name": name}
        return playlists[number]

    @app.get("/playlists/<int:number>")
    def show_playlist(number: int):
        return playlists.get(number) or abort(404)

    return app


playlists_app = at_first_request(create_playlists)
