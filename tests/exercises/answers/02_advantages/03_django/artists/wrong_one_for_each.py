"""Asks the database anew for each artist."""


def list_artists(request: HttpRequest) -> JsonResponse:
    at_least = int(request.GET.get("min_tracks", 1))
    items = []
    for name in Track.objects.values_list("artist", flat=True).distinct():
        tracks = Track.objects.filter(artist=name)
        longest = tracks.aggregate(longest=Max("seconds"))["longest"]
        items.append({"artist": name, "tracks": tracks.count(), "longest": longest})
    items = [item for item in items if item["tracks"] >= at_least]
    items.sort(key=lambda item: (-item["tracks"], item["artist"]))
    return JsonResponse({"items": items})


artists_app = App([path("artists", list_artists)])
