"""Has a class for each view, and counts the wishes, which know their track."""

from django.views import View


class WishView(View):
    def dispatch(self, request, *args, **kwargs):
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def put(self, request, number, **whose):
        get_object_or_404(Track, id=number)
        numbers = set(Wish.objects.filter(**whose).values_list("track_id", flat=True))
        if len(numbers | {number}) > 3:
            return JsonResponse({"detail": "three wishes are enough"}, status=409)
        Wish.objects.get_or_create(track_id=number, **whose)
        return HttpResponse(status=204)

    def delete(self, request, number, **whose):
        Wish.objects.filter(track_id=number, **whose).delete()
        return HttpResponse(status=204)


class ChartsView(View):
    http_method_names = ("get",)

    def get(self, request, party):
        groups = Wish.objects.filter(party=party).values("track_id", "track__title")
        rows = groups.annotate(wishes=Count("pk")).order_by("-wishes", "track_id")
        names = ("id", "title", "wishes")
        keys = ("track_id", "track__title", "wishes")
        items = [dict(zip(names, map(row.get, keys), strict=True)) for row in rows]
        return JsonResponse({"items": items})


def make_routes() -> list:
    return [
        path("<slug:party>/charts", ChartsView.as_view()),
        path("<slug:party>/wishes/<slug:guest>/<int:number>", WishView.as_view()),
    ]


party_app = App(make_routes)
