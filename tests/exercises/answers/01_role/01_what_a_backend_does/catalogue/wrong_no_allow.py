"""Refuses another method without the header that says which one would do."""


def catalogue_app(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    by_path = {f"/tracks/{track['id']}": track for track in TRACKS}
    if path not in by_path:
        return answer(start_response, "404 Not Found", {})
    if method != "GET":
        return answer(start_response, "405 Method Not Allowed", {})
    return answer(start_response, "200 OK", by_path[path])
