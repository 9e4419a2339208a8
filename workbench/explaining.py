"""Words for an assertion that fails: what was sent, what was expected, what came back."""

import re
import time
from typing import Any

from workbench.logs import last_error, last_line_of_the_notebook

_BODY_LIMIT = 300  # characters
_PAGE = 80  # characters of HTML; what is longer was not written by hand
_HEADERS = ("Location", "Allow", "WWW-Authenticate", "Retry-After")
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
    rows = [("sent", _sent(request)), ("expected", expected), ("got", _got(response, expected))]
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


def _got(response: Any, expected: str) -> str:
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
    if status >= 400 and content_type and "html" in content_type and len(body) > _PAGE:
        body = "a page for people"  # the framework's, and no word in it helps here
    named = [_header(headers, name) for name in _HEADERS if name in expected]
    return ", ".join(filter(None, [got, content_type, *named, body or "an empty body"]))


def _header(headers: Any, name: str) -> str:
    return f"{name}: {headers[name]}" if name in headers else f"no header {name}"


def _cut(body: object) -> str:
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    # Within a string of JSON a space counts; between lines none does.
    text = re.sub(r"\s*\n\s*", " ", text.strip())
    return text if len(text) <= _BODY_LIMIT else f"{text[:_BODY_LIMIT]}…"


def _problem(response: Any) -> str | None:
    log = getattr(response, "server_log", None)
    if getattr(response, "status_code", None) != 500 or log is None:
        return None
    # Some servers answer first and write the traceback a moment later.
    until = time.monotonic() + 0.5
    while True:
        text = str(log() if callable(log) else log)
        error = last_error(text, lines=3)
        if error or not callable(log) or time.monotonic() > until:
            break
        time.sleep(0.02)
    if error and error.split(":")[0].split(".")[-1] == "NotImplementedError":
        return f"this task is not done yet ({error})"
    if error is None:
        # What servers say when an app has given them no answer; its own words are in "got".
        silent = getattr(response, "text", "").strip() == "Internal Server Error"
        return "no error; does every function of yours return an answer?" if silent else None
    line = last_line_of_the_notebook(text)
    return f"{error} (line {line} of your cell)" if line else error
