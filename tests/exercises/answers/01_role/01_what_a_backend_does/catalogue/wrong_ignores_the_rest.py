"""Looks at the second part of the path only, so /tracks/1/artist is a track as well."""


def catalogue_app(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    parts = path.split("/")
    tracks = {str(track["id"]): track for track in TRACKS}
    if parts[1] != "tracks" or parts[2] not in tracks:
        return answer(start_response, "404 Not Found", {})
    if method != "GET":
        return answer(start_response, "405 Method Not Allowed", {}, headers=[("Allow", "GET")])
    return answer(start_response, "200 OK", tracks[parts[2]])
