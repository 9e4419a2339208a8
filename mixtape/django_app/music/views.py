"""The addresses: what each does with a request."""

from typing import Any

from django.db import transaction
from django.db.models import Count, ProtectedError, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from .listing import ChartQuery, PageQuery, Pagination, TrackFilter, read_query
from .models import Play, Playlist, Track
from .problems import Conflict
from .serializers import ChartSerializer, PlaylistSerializer, PlaySerializer, TrackSerializer

LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri-reference"},
    OpenApiParameter.HEADER,
    required=True,
    response=[201],
    description="Where it is.",
)


class JSONView(APIView):
    """Takes JSON objects alone; REST framework would also take an empty body for one."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the body before anything is done with it."""
        super().initial(request, *args, **kwargs)
        if request.method not in {"POST", "PATCH"} or request.method not in self.allowed_methods:
            return
        if request.negotiator.select_parser(request, request.parsers) is None:
            raise UnsupportedMediaType(
                request.content_type, "The body must be JSON, with Content-Type: application/json."
            )
        if not request.body:
            raise ParseError("The body is empty.")
        if not isinstance(request.data, dict):
            raise ValidationError("The body must be a JSON object.")


class LocationMixin(mixins.CreateModelMixin):
    """Creates, and says where the new thing is."""

    def get_success_headers(self, data: dict[str, Any]) -> dict[str, str]:
        """Return the header Location."""
        return {"Location": reverse(f"{self.basename}-detail", [data["id"]])}


@extend_schema(tags=["tracks"])
class TrackViewSet(
    JSONView,
    LocationMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Tracks."""

    http_method_names = ("get", "head", "post", "patch", "delete")
    lookup_value_converter = "id"
    serializer_class = TrackSerializer
    pagination_class = Pagination
    filter_backends = (TrackFilter,)

    def get_queryset(self) -> QuerySet:
        """Return the tracks; one that will be changed is locked, where the database has locks."""
        tracks = Track.objects.all()
        return tracks if self.request.method in SAFE_METHODS else tracks.select_for_update()

    @extend_schema(parameters=[PageQuery])
    def list(self, request: Request) -> Response:
        """List tracks by their id."""
        return super().list(request)

    @extend_schema(parameters=[LOCATION])
    def create(self, request: Request) -> Response:
        """Store a new track."""
        return super().create(request)

    def retrieve(self, request: Request, pk: int) -> Response:
        """Show one track."""
        return super().retrieve(request, pk=pk)

    @transaction.atomic
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change the fields that are named; the others keep their values."""
        return super().partial_update(request, pk=pk)

    @transaction.atomic
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a track and its plays, unless a playlist holds it."""
        try:
            return super().destroy(request, pk=pk)
        except ProtectedError:
            raise Conflict("A playlist holds this track.") from None


@extend_schema(tags=["playlists"])
class PlaylistViewSet(JSONView, LocationMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Playlists."""

    http_method_names = ("get", "head", "post", "put", "delete")
    lookup_value_converter = "id"
    serializer_class = PlaylistSerializer
    queryset = Playlist.objects.prefetch_related("entries__track")

    @extend_schema(parameters=[LOCATION])
    def create(self, request: Request) -> Response:
        """Store a new, empty playlist."""
        return super().create(request)

    def retrieve(self, request: Request, pk: int) -> Response:
        """Show one playlist with its tracks."""
        return super().retrieve(request, pk=pk)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["put"], url_path="tracks/<id:track_id>")
    @transaction.atomic
    def track(self, request: Request, pk: int, track_id: int) -> Response:
        """Put a track at the end of a playlist, or leave it where it is."""
        # Locked, where the database has locks: entries come one after another, and neither the
        # playlist nor the track is deleted meanwhile.
        playlist = get_object_or_404(Playlist.objects.select_for_update(), pk=pk)
        track = get_object_or_404(Track.objects.select_for_update(), pk=track_id)
        playlist.entries.get_or_create(track=track)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @track.mapping.delete
    def remove_track(self, request: Request, pk: int, track_id: int) -> Response:
        """Take a track out of a playlist, if it is in there."""
        playlist = get_object_or_404(Playlist, pk=pk)
        playlist.entries.filter(track=track_id).delete()
        return Response(status=204)


@extend_schema(tags=["plays"])
class PlayViewSet(JSONView, mixins.CreateModelMixin, GenericViewSet):
    """Plays."""

    http_method_names = ("post",)
    serializer_class = PlaySerializer
    queryset = Play.objects.all()

    @transaction.atomic
    def create(self, request: Request) -> Response:
        """Store that a track was played."""
        return super().create(request)


@extend_schema(tags=["plays"])
class ChartView(APIView):
    """The charts."""

    http_method_names = ("get", "head")

    @extend_schema(parameters=[ChartQuery], responses=ChartSerializer)
    def get(self, request: Request) -> Response:
        """List the tracks that were played most; ties by id."""
        limit = read_query(ChartQuery, request)["limit"]
        played = Track.objects.annotate(play_count=Count("plays")).filter(play_count__gt=0)
        items = played.order_by("-play_count", "pk")[:limit]
        return Response(ChartSerializer({"items": items}).data)


@extend_schema(tags=["health"])
class HealthView(APIView):
    """Is the service up?"""

    http_method_names = ("get", "head")

    @extend_schema(
        responses=inline_serializer("Health", {"status": serializers.ChoiceField(["ok"])})
    )
    def get(self, request: Request) -> Response:
        """Answer, which says it all."""
        return Response({"status": "ok"})


class DescriptionView(SpectacularJSONAPIView):
    """The description of this API in OpenAPI."""

    http_method_names = ("get", "head")
    renderer_classes = [OpenApiJsonRenderer2]  # noqa: RUF012 (declared by the parent)
