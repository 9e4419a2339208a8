"""Looks at the number of wishes before it looks whether the wish is there."""


def make_routes() -> list:
    @require_http_methods(["PUT", "DELETE"])
    @transaction.atomic
    def wish(request: HttpRequest, party: str, guest: str, number: int) -> HttpResponse:
        track = get_object_or_404(Track, pk=number)
        wishes = Wish.objects.filter(party=party, guest=guest)
        if request.method == "DELETE":
            wishes.filter(track=track).delete()
        elif wishes.count() >= 3:
            return HttpResponse(status=409)
        else:
            wishes.get_or_create(party=party, guest=guest, track=track)
        return HttpResponse(status=204)

    @require_GET
    def charts(request: HttpRequest, party: str) -> JsonResponse:
        tracks = Track.objects.filter(wishes__party=party).annotate(count=Count("wishes"))
        items = [
            {"id": track.pk, "title": track.title, "wishes": track.count}
            for track in tracks.order_by("-count", "pk")
        ]
        return JsonResponse({"items": items})

    return [
        path("<slug:party>/wishes/<slug:guest>/<int:number>", wish),
        path("<slug:party>/charts", charts),
    ]


party_app = App(make_routes)
