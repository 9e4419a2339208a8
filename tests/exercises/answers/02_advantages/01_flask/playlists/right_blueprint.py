"""Uses a blueprint, random ids and a full address in Location."""

import random

from flask import Blueprint


def create_playlists() -> Flask:
    app = Flask("playlists")
    blueprint = Blueprint("playlists", __name__, url_prefix="/playlists")
    kept: dict[int, str] = {}
    ids = random.sample(range(1, 999_999), k=1000)

    def as_json(number):
        return {"name": kept[number], "id": number}

    @blueprint.route("", methods=["POST"])
    def create():
        data = request.json
        errors = []
        match data:
            case {"name": str(name), **rest}:
                if not name.strip() or len(name.strip()) > 200:
                    errors.append({"field": "name", "message": "length"})
                errors += [{"field": field, "message": "unknown"} for field in rest]
            case dict():
                errors += [{"field": field, "message": "?"} for field in {*data, "name"}]
            case _:
                errors.append({"field": "", "message": "an object, please"})
        if errors:
            return problem(422, "no", errors)
        number = ids.pop()
        kept[number] = name.strip()
        response = jsonify(as_json(number))
        response.status_code = 201
        response.headers["Location"] = f"{request.base_url}/{number}"
        return response

    @blueprint.get("/<int:number>")
    def show(number):
        try:
            return as_json(number)
        except KeyError:
            return problem(404, "no such playlist")

    app.register_blueprint(blueprint)
    return app


playlists_app = at_first_request(create_playlists)
