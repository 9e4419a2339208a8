"""Lists: which items, how many, and from where on."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from .fields import QueryIntegerField
from .models import MAX_TEXT

MAX_LIMIT = 100
MAX_OFFSET = 2**63 - 1  # the largest integer that SQLite and PostgreSQL know


class ChartQuery(serializers.Serializer):
    """The query string of the charts."""

    limit = QueryIntegerField(min_value=1, max_value=MAX_LIMIT, default=10)


class PageQuery(serializers.Serializer):
    """The query string of a page."""

    limit = QueryIntegerField(min_value=1, max_value=MAX_LIMIT, default=20)
    offset = QueryIntegerField(min_value=0, max_value=MAX_OFFSET, default=0)


def read_query(query: type[serializers.Serializer], request: Request) -> dict[str, int]:
    """Return the parameters of a query string.

    Raises:
        ValidationError: some are bad; it names them all.
    """
    # Not as a form, where an empty field counts as not sent: ?limit= is sent, and is no number. One
    # that is sent twice stays a list, which is no number either.
    sent = request.query_params.lists()
    serializer = query(data={name: one[0] if len(one) == 1 else one for name, one in sent})
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class Pagination(LimitOffsetPagination):
    """Pages by limit and offset. A bad one is refused, where REST framework would read over it."""

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> Any:
        """Return the items of the page.

        Raises:
            ValidationError: limit or offset is bad.
        """
        self.query = read_query(PageQuery, request)
        return super().paginate_queryset(queryset, request, view)

    def get_limit(self, request: Request) -> int:
        """Return how many items a page has at most."""
        return self.query["limit"]

    def get_offset(self, request: Request) -> int:
        """Return how many items come before the page."""
        return self.query["offset"]

    def get_paginated_response(self, data: list[Any]) -> Response:
        """Return the page, and how many items there are in all."""
        return Response({"items": data, "total": self.count})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page in OpenAPI."""
        return {
            "type": "object",
            "properties": {
                "items": schema | {"maxItems": MAX_LIMIT},
                "total": {"type": "integer", "minimum": 0},
            },
            "required": ["items", "total"],
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Leave the description of limit and offset to PageQuery."""
        return []


class TrackFilter(BaseFilterBackend):
    """Chooses tracks by their artist, and by a part of title or artist."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        """Return the tracks that match; an empty parameter asks for nothing."""
        artist, q = (request.query_params.get(name, "") for name in ("artist", "q"))
        if any("\0" in text or len(text) > MAX_TEXT for text in (artist, q)):
            return queryset.none()  # no track has it, and not every database can be asked
        if artist:
            queryset = queryset.filter(artist=artist)
        if q:
            in_title, in_artist = Q(title__casefold__contains=q), Q(artist__casefold__contains=q)
            queryset = queryset.filter(in_title | in_artist)
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters in OpenAPI."""
        descriptions = {
            "artist": "Exactly this artist; letter case counts.",
            "q": "A part of title or artist; letter case does not count.",
        }
        return [
            {
                "name": name,
                "in": "query",
                "description": description,
                "required": False,
                "schema": {"type": "string"},
            }
            for name, description in descriptions.items()
        ]
