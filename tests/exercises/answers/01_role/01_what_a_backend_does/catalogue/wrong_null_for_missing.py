"""Answers 200 with null for a track that is not there."""


def catalogue_app(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if method != "GET":
        return answer(start_response, "405 Method Not Allowed", {}, headers=[("Allow", "GET")])
    by_path = {f"/tracks/{track['id']}": track for track in TRACKS}
    return answer(start_response, "200 OK", by_path.get(path))
