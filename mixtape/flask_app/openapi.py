"""The API's description in OpenAPI, at /openapi.json.

Under the `---` in its docstring a view says what it takes and gives, in YAML and with the names
that are defined here. apispec puts the parts together and looks the paths up in Flask's routes.
"""

from typing import Any

from apispec import APISpec
from apispec_webframeworks.flask import FlaskPlugin
from flask import Flask, current_app

from .validation import MAX_ID, MAX_OFFSET, MAX_TEXT

JSON = "application/json"
PROBLEM = "application/problem+json"

# JSON Schema counts characters before white space is trimmed, so minLength and maxLength would not
# be true here. The pattern is: what str.strip() takes off, and between it 1 to MAX_TEXT characters.
_SPACE = r"\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INNER = rf"[^\u0000{_SPACE}]"
_TEXT = {
    "type": "string",
    "pattern": rf"^[{_SPACE}]*{_INNER}([^\u0000]{{0,{MAX_TEXT - 2}}}{_INNER})?[{_SPACE}]*$",
    "description": f"1 to {MAX_TEXT} characters after trimming; no NUL, no lone surrogates",
}
_SECONDS = {"type": "integer", "minimum": 1, "maximum": 36_000}
_YEAR = {"type": ["integer", "null"], "minimum": 1860, "maximum": 2100}
_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
_COUNT = {"type": "integer", "minimum": 0}
_WORDS = {"type": "string"}

_TRACK = {"title": _TEXT, "artist": _TEXT, "seconds": _SECONDS, "year": _YEAR}
_PROBLEM = {"type": _WORDS, "title": _WORDS, "status": {"type": "integer"}, "detail": _WORDS}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _reference(name)}


def _object(properties: dict[str, Any], required: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


SCHEMAS: dict[str, dict[str, Any]] = {
    "Health": _object({"status": {"const": "ok"}}),
    "NewTrack": _object(_TRACK, required=("title", "artist", "seconds")),
    "TrackChanges": _object(_TRACK, required=()),
    "Track": _object({"id": _ID, **_TRACK}),
    "TrackPage": _object({"items": _list_of("Track"), "total": _COUNT}),
    "NewPlaylist": _object({"name": _TEXT}),
    "Playlist": _object({"id": _ID, "name": _TEXT, "tracks": _list_of("Track"), "seconds": _COUNT}),
    "NewPlay": _object({"track_id": _ID}),
    "Play": _object({"id": _ID, "track_id": _ID}),
    "ChartEntry": _object({"track": _reference("Track"), "plays": _ID}),
    "Chart": _object({"items": _list_of("ChartEntry")}),
    "Problem": _object(_PROBLEM),
    "FieldError": _object({"field": _WORDS, "message": _WORDS}),
    "Invalid": _object(_PROBLEM | {"errors": _list_of("FieldError")}),
}

# Name of the response: what it means, and the schema of its body.
ANSWERS = {
    "Health": ("The server is there.", "Health"),
    "TrackPage": ("One page of the tracks that match, and the number of them all.", "TrackPage"),
    "Track": ("The track.", "Track"),
    "Playlist": ("The playlist, with its tracks in their order.", "Playlist"),
    "PlayCreated": ("The play.", "Play"),
    "Chart": ("Tracks, most played first.", "Chart"),
}
CREATED = {
    "TrackCreated": ("The track.", "Track", "/tracks"),
    "PlaylistCreated": ("The playlist.", "Playlist", "/playlists"),
}
PROBLEMS = {
    "NotJSON": ("The body is not JSON.", "Problem"),
    "NotFound": ("There is no such thing.", "Problem"),
    "Held": ("A playlist holds this track.", "Problem"),
    "TooLarge": ("The body is over 1 MB.", "Problem"),
    "OtherMediaType": ("The body is said to be something else than JSON.", "Problem"),
    "Invalid": ("A field or a parameter is not valid; `errors` names each.", "Invalid"),
}

# Name in the docstrings: name in the URL, and its schema.
QUERY: dict[str, tuple[str, dict[str, Any]]] = {
    "limit": ("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    "offset": ("offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}),
    "artist": ("artist", _WORDS | {"description": "All of the name; letter case counts."}),
    "q": ("q", _WORDS | {"description": "Part of title or artist; letter case does not count."}),
    "chart_limit": ("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}),
}


class _Plugin(FlaskPlugin):
    """Also takes the name of an operation and its summary from the view."""

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        view = options["view"]
        for operation in (operations or {}).values():
            operation["operationId"] = view.__name__
            operation["summary"] = view.__doc__.partition("\n")[0]


def init_app(app: Flask) -> None:
    """Add the route of the description to the application."""

    @app.get("/openapi.json")
    def openapi() -> dict[str, Any]:
        # Made when it is asked for, since few ask: the routes are complete by then.
        return describe(current_app)


def describe(app: Flask) -> dict[str, Any]:
    """Return the description of the application's views, as far as their docstrings have one."""
    spec = APISpec("Mixtape", "1.0.0", "3.1.0", plugins=[_Plugin()])
    _add_components(spec)
    for view in app.view_functions.values():
        if "---" in (view.__doc__ or ""):
            spec.path(view=view, app=app)
    return spec.to_dict()


def _add_components(spec: APISpec) -> None:
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    for key, (name, schema) in QUERY.items():
        spec.components.parameter(key, "query", {"name": name, "schema": schema})
    for name in ("track_id", "playlist_id"):
        spec.components.parameter(name, "path", {"name": name, "schema": _ID})
    for name, (meaning, schema_name) in ANSWERS.items():
        spec.components.response(name, _response(meaning, schema_name, JSON))
    for name, (meaning, schema_name, path) in CREATED.items():
        location = {"type": "string", "pattern": f"^{path}/[1-9][0-9]*$"}
        header = {"required": True, "description": "Where it is.", "schema": location}
        response = _response(meaning, schema_name, JSON) | {"headers": {"Location": header}}
        spec.components.response(name, response)
    for name, (meaning, schema_name) in PROBLEMS.items():
        spec.components.response(name, _response(meaning, schema_name, PROBLEM))
    spec.components.response("NoContent", {"description": "It is done."})


def _response(meaning: str, schema_name: str, media_type: str) -> dict[str, Any]:
    return {"description": meaning, "content": {media_type: {"schema": _reference(schema_name)}}}
