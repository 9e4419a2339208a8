"""Uses a view of Django REST framework that retrieves, and a serializer."""

from rest_framework.generics import RetrieveAPIView


class TrackDetails(serializers.ModelSerializer):
    class Meta:
        model = Track
        fields = ("id", "title", "artist", "seconds")


class ShowTrack(RetrieveAPIView):
    queryset = Track.objects.all()
    serializer_class = TrackDetails
    lookup_url_kwarg = "number"


track_app = App([path("tracks/<int:number>", ShowTrack.as_view())])
