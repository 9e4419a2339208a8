"""Errors as answers: problem details for HTTP APIs (RFC 9457), whatever goes wrong."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.deprecation import MiddlewareMixin
from rest_framework import exceptions, status, views
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"

# Python 3.11 and 3.12 know older names of these two.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_DETAILS = {
    400: "The request is malformed.",
    404: "There is nothing at this address.",
    405: "This address does not know the method.",
    500: "The server failed; its log says why.",
}


class Conflict(exceptions.APIException):
    """What is asked for does not go with what is stored."""

    status_code = status.HTTP_409_CONFLICT


class ContentTooLarge(exceptions.APIException):
    """The body is over the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is over 1 MB."


def problem(code: int, detail: str, **more: Any) -> dict[str, Any]:
    """Return a problem document.

    Args:
        code: the status code of the answer.
        detail: the mistake in one sentence.
        more: further members, such as `errors`.
    """
    title = _TITLES.get(code) or HTTPStatus(code).phrase
    return {"type": "about:blank", "title": title, "status": code, "detail": detail, **more}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of an API view; None leaves an unexpected one to Django and its log."""
    if isinstance(error, RequestDataTooBig):
        error = ContentTooLarge()
    elif isinstance(error, BadRequest | SuspiciousOperation | UnreadablePostError):
        error = exceptions.ParseError(_DETAILS[400])
    response = views.exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
        response.data = _invalid(error.detail)
    else:
        response.data = problem(response.status_code, str(response.data["detail"]))
    response.content_type = CONTENT_TYPE
    return response


def _invalid(details: list[Any] | dict[str, list[Any]]) -> dict[str, Any]:
    """Return the problem document of a mistake in the whole body, or of the bad fields in it."""
    if isinstance(details, list):
        return problem(422, _sentences(details), errors=[])
    errors = [
        {"field": _printable(field), "message": _sentences(messages)}
        for field, messages in details.items()
    ]
    return problem(422, "Some of the fields are not valid.", errors=errors)


def _sentences(messages: list[Any]) -> str:
    return " ".join(map(str, messages))


def _printable(name: str) -> str:
    # A client may name a field with half of a surrogate pair, which UTF-8 cannot send back.
    return name.encode("utf-8", "backslashreplace").decode()


class ProblemMiddleware(MiddlewareMixin):
    """Makes Django's own errors problem documents: no such address, a bad Host, a failure.

    It replaces pages for developers too, so no answer of the API shows a stack trace with DEBUG on.
    The admin is for people and keeps its pages.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the answer, with another body if it is an error that is no problem document."""
        is_problem = response.headers.get("Content-Type") == CONTENT_TYPE
        if response.status_code < 400 or is_problem or request.path_info.startswith("/admin/"):
            return response
        detail = _DETAILS.get(response.status_code, response.reason_phrase)
        # The same object, because Django remembers on it that the error is in the log.
        document = problem(response.status_code, detail)
        response.content = json.dumps(document, separators=(",", ":"))
        response.headers["Content-Type"] = CONTENT_TYPE
        response.headers["Content-Length"] = str(len(response.content))
        return response
