"""GET /lengths?seconds=215 with the standard library alone."""

import json
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Find the answer and send it as JSON."""
    status, headers = "200 OK", [("Content-Type", "application/json")]
    if environ["PATH_INFO"] != "/lengths":
        status, answer = "404 Not Found", {"detail": "nothing here"}
    elif environ["REQUEST_METHOD"] != "GET":
        status, answer = "405 Method Not Allowed", {"detail": "GET only"}
        headers.append(("Allow", "GET"))
    else:
        answer = length(environ["QUERY_STRING"])
    start_response(status, headers)
    return [json.dumps(answer).encode()]


def length(query_string: str) -> dict[str, str]:
    """Write seconds as minutes and seconds."""
    seconds = int(parse_qs(query_string)["seconds"][0])
    return {"length": f"{seconds // 60}:{seconds % 60:02}"}
