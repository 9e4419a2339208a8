"""Fetches all tracks with one statement and does the rest in Python."""

from collections import defaultdict


def list_artists(request: HttpRequest) -> JsonResponse:
    lengths = defaultdict(list)
    for artist, seconds in Track.objects.values_list("artist", "seconds"):
        lengths[artist].append(seconds)
    items = [
        {"artist": artist, "tracks": len(seconds), "longest": max(seconds)}
        for artist, seconds in sorted(lengths.items())
        if len(seconds) >= int(request.GET.get("min_tracks", 0))
    ]
    return JsonResponse({"items": sorted(items, key=lambda item: item["tracks"], reverse=True)})


artists_app = App([path("artists", list_artists)])
