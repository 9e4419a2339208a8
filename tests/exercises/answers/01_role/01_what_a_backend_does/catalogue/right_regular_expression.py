"""Takes the path apart with a regular expression and allows HEAD too."""

import re


def catalogue_app(environ, start_response):
    match = re.fullmatch(r"/tracks/([1-9][0-9]*)", environ["PATH_INFO"])
    found = [track for track in TRACKS if match and track["id"] == int(match[1])]
    if not found:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"nothing here"]
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        start_response("405 Method Not Allowed", [("Allow", "GET, HEAD")])
        return [b""]
    return answer(start_response, "200 OK", found[0])
