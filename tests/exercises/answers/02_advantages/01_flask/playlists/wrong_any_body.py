"""Reads the body whatever its content type, and gives None for bad JSON."""


def create_playlists() -> Flask:
    app = Flask("playlists")
    playlists: dict[int, dict] = {}
    numbers = count(1)

    @app.post("/playlists")
    def create_playlist():
        data = request.get_json(force=True, silent=True)
        if not isinstance(data, dict):
            return problem(422, "bad", [{"field": "body", "message": "must be an object"}])
        errors = [{"field": field, "message": "unknown"} for field in data if field != "name"]
        name = data.get("name")
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 200:
            errors.append({"field": "name", "message": "1 to 200 characters"})
        if errors:
            return problem(422, "bad", errors)
        number = next(numbers)
        playlists[number] = {"id": number, "name": name.strip()}
        return playlists[number], 201, {"Location": f"/playlists/{number}"}

    @app.get("/playlists/<int:number>")
    def show_playlist(number: int):
        return playlists.get(number) or abort(404)

    return app


playlists_app = at_first_request(create_playlists)
