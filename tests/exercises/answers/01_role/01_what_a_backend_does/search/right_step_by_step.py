"""Narrows the list in two steps, with parse_qsl and a number for the year."""

from urllib.parse import parse_qsl


def search_app(environ, start_response):
    wanted = dict(parse_qsl(environ["QUERY_STRING"]))
    found = list(TRACKS)
    if "artist" in wanted:
        found = [track for track in found if track["artist"] == wanted["artist"]]
    if "year" in wanted:
        found = [track for track in found if track["year"] == int(wanted["year"])]
    return answer(start_response, "200 OK", {"total": len(found), "items": found})
