"""Turns the end of every path into a number and breaks when it is a word."""


def catalogue_app(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    number = int(path.removeprefix("/tracks/"))
    for track in TRACKS:
        if track["id"] == number:
            if method == "GET":
                return answer(start_response, "200 OK", track)
            return answer(start_response, "405 Method Not Allowed", {}, headers=[("Allow", "GET")])
    return answer(start_response, "404 Not Found", {})
