"""Errors as answers: problem details for HTTP APIs (RFC 9457), whatever goes wrong."""

from typing import Any, TypedDict

from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException, UnprocessableEntity


class FieldError(TypedDict):
    """One entry of `errors`: which field is bad, and what is wrong with it."""

    field: str
    message: str


class Invalid(UnprocessableEntity):
    """What was sent can be read, but the contract does not allow it."""

    def __init__(self, detail: str, errors: list[FieldError] | None = None) -> None:
        """Say what is wrong.

        Args:
            detail: the mistake in one sentence.
            errors: the fields that are bad; none when the mistake is not in a field.
        """
        super().__init__(detail)
        self.errors = errors or []


def init_app(app: Flask) -> None:
    """Make every error of the application a problem document."""
    # An unhandled exception arrives here as InternalServerError, whose text tells nothing of it.
    app.register_error_handler(HTTPException, _answer)


def _answer(error: HTTPException) -> Response:
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": error.description,
    }
    if isinstance(error, Invalid):
        problem["errors"] = error.errors
    # Werkzeug's headers go along, such as Allow with 405; its page of HTML does not.
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return Response(
        json.dumps(problem), error.code, headers, content_type="application/problem+json"
    )
