"""Gives the path and forgets the method."""


def echo_app(environ, start_response):
    words = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [words.encode()]
