"""Finds artists whose name holds the one that was asked for."""


def search_app(environ, start_response):
    wanted = parse_qs(environ.get("QUERY_STRING", ""))
    found = [
        track
        for track in TRACKS
        if wanted.get("artist", [""])[0] in track["artist"]
        and wanted.get("year", [str(track["year"])])[0] == str(track["year"])
    ]
    return answer(start_response, "200 OK", {"items": found, "total": len(found)})
