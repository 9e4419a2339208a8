"""Leaves out the artists who have exactly as many tracks as asked for."""


def list_artists(request: HttpRequest) -> JsonResponse:
    at_least = int(request.GET.get("min_tracks", 1))
    artists = Track.objects.values("artist").annotate(tracks=Count("pk"), longest=Max("seconds"))
    artists = artists.filter(tracks__gt=at_least).order_by("-tracks", "artist")
    return JsonResponse({"items": list(artists)})


artists_app = App([path("artists", list_artists)])
