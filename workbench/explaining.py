"""Words for an assertion that fails: what was sent, what was expected, what came back."""

import time
from typing import Any

from workbench.logs import last_error

_BODY_LIMIT = 300  # characters
_READABLE = ("text", "json", "xml", "javascript", "form")  # parts of content types


def explain(response: object, expected: str, hint: str = "") -> str:
    """Return the message for an assertion about `response`.

    Args:
        response: what the request returned.
        expected: what should have come back, in words, such as "201 Created".
        hint: where to look, such as "Step 3 of the chapter".

    It never raises: what cannot be read from the response is left out. Use it as
    `assert response.status_code == 201, explain(response, "201 Created", "Step 3")`.
    """
    request = getattr(response, "request", None)
    rows = [("sent", _sent(request)), ("expected", expected), ("got", _got(response))]
    problem = _problem(response)
    if problem:
        rows.append(("in the log", problem))
    if hint:
        rows.append(("look at", hint))
    width = max(len(name) for name, _ in rows) + 1
    method_and_path = rows[0][1].split("  ")[0]
    lines = [f"{method_and_path} did not answer as expected"]
    return "\n".join([*lines, *(f"  {name + ':':<{width}} {words}" for name, words in rows)])


def _sent(request: Any) -> str:
    method, path = getattr(request, "method", None), getattr(request, "path_url", None)
    if not method or not path:
        return "the request"
    body = getattr(request, "body", None)
    return f"{method} {path}" + (f"  {_cut(body)}" if body else "")


def _got(response: Any) -> str:
    status = getattr(response, "status_code", None)
    if status is None:
        return f"an object of type {type(response).__name__!r}, not a response"
    reason = getattr(response, "reason", None)
    got = f"{status} {reason}" if reason else str(status)
    headers = getattr(response, "headers", None) or {}
    content_type = headers.get("Content-Type")
    try:
        readable = not content_type or any(word in content_type for word in _READABLE)
        body = _cut(response.text) if readable else f"{len(response.content)} bytes"
    except Exception:  # the connection may break while the body is read
        body = "(the body could not be read)"
    return ", ".join(filter(None, [got, content_type, body or "an empty body"]))


def _cut(body: object) -> str:
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    text = " ".join(text.split())
    return text if len(text) <= _BODY_LIMIT else f"{text[:_BODY_LIMIT]}…"


def _problem(response: Any) -> str | None:
    log = getattr(response, "server_log", None)
    if getattr(response, "status_code", None) != 500 or log is None:
        return None
    # Some servers answer first and write the traceback a moment later.
    until = time.monotonic() + 0.5
    while True:
        error = last_error(str(log() if callable(log) else log))
        if error or not callable(log) or time.monotonic() > until:
            break
        time.sleep(0.02)
    if error and error.split(":")[0].split(".")[-1] == "NotImplementedError":
        return f"this task is not done yet ({error})"
    return error
