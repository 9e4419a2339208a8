"""Decodes percent signs and forgets that a plus is a space."""

from urllib.parse import unquote


def search_app(environ, start_response):
    query = environ.get("QUERY_STRING", "")
    wanted = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        wanted[name] = unquote(value)
    found = [
        track
        for track in TRACKS
        if track["artist"] == wanted.get("artist", track["artist"])
        and str(track["year"]) == wanted.get("year", str(track["year"]))
    ]
    return answer(start_response, "200 OK", {"items": found, "total": len(found)})
