"""What the description in OpenAPI still lacks: the errors, and how strict the service is."""

from typing import Any

from .problems import CONTENT_TYPE

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
_FIELD_ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
    "required": ["field", "message"],
}
_INVALID: dict[str, Any] = {
    "type": "object",
    "description": "Problem details with one entry a bad field.",
    "properties": {
        **_PROBLEM["properties"],
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
    "required": [*_PROBLEM["required"], "errors"],
}
_DESCRIPTIONS = {
    "400": "The body is not JSON.",
    "404": "There is no such thing.",
    "409": "A playlist holds this track.",
    "413": "The body is over 1 MB.",
    "415": "The body is said to be something else than JSON.",
    "422": "A field or a parameter is not valid; `errors` names each.",
}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return the description with the errors; a hook of drf-spectacular, named in the settings."""
    schemas = result["components"]["schemas"]
    schemas |= {"Problem": _PROBLEM, "Invalid": _INVALID, "FieldError": _FIELD_ERROR}
    for name, schema in schemas.items():
        if schema.get("type") == "object":
            # Unknown fields are refused, and answers have none that are not described.
            schemas[name] = schema | {"additionalProperties": False}
        if name.endswith("Request"):
            for field in schema["properties"].values():
                field.pop("maxLength", None)  # of the trimmed text: its pattern says so
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True  # also where no field is
            for status in _errors(path, method, operation):
                operation["responses"][status] = _error(status)
    return result


def _errors(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    """Return the status codes of the errors that an operation can answer with."""
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    errors = ["404"] if "path" in places else []
    if "requestBody" in operation:
        errors += ["400", "413", "415", "422"]
    elif "query" in places:
        errors += ["422"]
    if (path, method) == ("/tracks/{id}", "delete"):
        errors += ["409"]
    return sorted(errors)


def _error(status: str) -> dict[str, Any]:
    name = "Invalid" if status == "422" else "Problem"
    return {
        "description": _DESCRIPTIONS[status],
        "content": {CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }
