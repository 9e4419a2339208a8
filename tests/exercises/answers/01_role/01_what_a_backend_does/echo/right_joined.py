"""Joins the two parts in another way and sends them in two pieces."""


def echo_app(environ, start_response):
    words = " ".join([environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")])
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield words[:3].encode()
    yield words[3:].encode()
