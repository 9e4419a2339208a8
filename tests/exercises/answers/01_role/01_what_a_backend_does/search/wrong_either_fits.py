"""Takes a track when the artist or the year fits, not both."""


def search_app(environ, start_response):
    wanted = parse_qs(environ.get("QUERY_STRING", ""))
    if not wanted:
        return answer(start_response, "200 OK", {"items": TRACKS, "total": len(TRACKS)})
    found = [
        track
        for track in TRACKS
        if [track["artist"]] == wanted.get("artist") or [str(track["year"])] == wanted.get("year")
    ]
    return answer(start_response, "200 OK", {"items": found, "total": len(found)})
