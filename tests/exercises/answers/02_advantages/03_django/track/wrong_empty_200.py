"""Answers 200 with an error in the body when there is no such track."""


def show_track(request: HttpRequest, number: int) -> JsonResponse:
    track = Track.objects.filter(pk=number).first()
    if track is None:
        return JsonResponse({"error": "no such track"})
    return JsonResponse(track.as_dict())


track_app = App([path("tracks/<int:number>", show_track)])
