"""Orders by name alone."""


def list_artists(request: HttpRequest) -> JsonResponse:
    at_least = int(request.GET.get("min_tracks", 1))
    artists = Track.objects.values("artist").annotate(tracks=Count("pk"), longest=Max("seconds"))
    return JsonResponse({"items": list(artists.filter(tracks__gte=at_least).order_by("artist"))})


artists_app = App([path("artists", list_artists)])
