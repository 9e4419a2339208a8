"""Errors as problem documents (RFC 9457), everywhere the same."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

MEDIA_TYPE = "application/problem+json"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# RFC 9110 renamed these two; Python follows from 3.13 on.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}

# What is wrong when the framework, and not one of our functions, has refused the request.
_DETAILS = {
    404: "There is nothing at this path.",
    405: "This path does not know this method; the header Allow names those it knows.",
}


class Problem(BaseModel):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class ValidationProblem(Problem):
    """What is wrong with the fields that were sent."""

    errors: list[FieldProblem]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe error answers for OpenAPI; to be given to an endpoint as `responses`."""
    return {
        status: {
            "model": ValidationProblem if status == 422 else Problem,
            "description": _title(status),
        }
        for status in statuses
    }


def invalid(field: str, message: str) -> RequestValidationError:
    """Return the exception for a field of the body that only the database could tell is bad."""
    return RequestValidationError([{"loc": ("body", field), "msg": message}])


def add_problem_handlers(app: FastAPI) -> None:
    """Make the application answer every error with a problem document."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


class ProblemResponse(Response):
    """A problem document as an HTTP answer."""

    media_type = MEDIA_TYPE

    def render(self, content: Problem) -> bytes:
        """Return the document in bytes."""
        # In ASCII, with escapes: a field that we name may have a lone surrogate in its name, which
        # UTF-8 has no bytes for.
        return json.dumps(content.model_dump()).encode()


def _refused(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    by_us = error.detail != HTTPStatus(status).phrase
    return _response(status, error.detail if by_us else _DETAILS.get(status, error.detail), headers)


def _invalid(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(entry["loc"][0] == "path" for entry in errors):
        # Every bad value in a path is an id that no row can have.
        return _response(404, _DETAILS[404])
    messages: dict[str, str] = {}
    for entry in errors:
        # ("body", "title") is the field title, and ("body",) the whole body.
        where, *field = map(str, entry["loc"])
        messages.setdefault(".".join(field) if field else where, entry["msg"])
    fields = [FieldProblem(field=field, message=text) for field, text in messages.items()]
    return _response(422, "Some of what was sent is not valid; see errors.", errors=fields)


def _failed(request: Request, error: Exception) -> ProblemResponse:
    # The server logs the error with its stack trace; clients get to know that it happened, no more.
    return _response(500, "The server made a mistake; it has been logged.")


def _response(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldProblem] | None = None,
) -> ProblemResponse:
    # about:blank: the kind of problem is what the status code says; the title has it in words.
    problem = Problem(type="about:blank", title=_title(status), status=status, detail=detail)
    if errors is not None:
        problem = ValidationProblem(**problem.model_dump(), errors=list(errors))
    return ProblemResponse(problem, status_code=status, headers=headers)


def _title(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


def _allowed(request: Request) -> list[str]:
    # Each of our functions is a route with one method, and the error names only the first route's.
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
