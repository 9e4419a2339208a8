"""Cuts the query string apart by hand and leaves its percent signs in."""


def search_app(environ, start_response):
    query = environ.get("QUERY_STRING", "")
    wanted = dict(pair.split("=") for pair in query.split("&") if pair)
    found = [
        track
        for track in TRACKS
        if track["artist"] == wanted.get("artist", track["artist"])
        and str(track["year"]) == wanted.get("year", str(track["year"]))
    ]
    return answer(start_response, "200 OK", {"items": found, "total": len(found)})
