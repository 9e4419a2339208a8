"""Takes the address as it was sent, with the query string."""


def echo_app(environ, start_response):
    words = f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [words.encode()]
