"""Gives the next track when there is none with this id."""


def show_track(request: HttpRequest, number: int) -> JsonResponse:
    track = Track.objects.filter(pk__gte=number).order_by("pk").first()
    if track is None:
        return JsonResponse({}, status=404)
    return JsonResponse(track.as_dict())


track_app = App([path("tracks/<int:number>", show_track)])
