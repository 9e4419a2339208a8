"""Lets the exception of a track that is not there become a 500."""


def show_track(request: HttpRequest, number: int) -> JsonResponse:
    track = Track.objects.get(pk=number)
    return JsonResponse(track.as_dict())


track_app = App([path("tracks/<int:number>", show_track)])
