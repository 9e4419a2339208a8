"""Takes the id for a place in the list of all tracks."""


def show_track(request: HttpRequest, number: int) -> JsonResponse:
    tracks = list(Track.objects.order_by("pk"))
    if number > len(tracks):
        return JsonResponse({}, status=404)
    return JsonResponse(tracks[number - 1].as_dict())


track_app = App([path("tracks/<int:number>", show_track)])
