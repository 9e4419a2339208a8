"""What is taken from JSON and shown as JSON."""

from typing import Any

from django.db import models
from rest_framework import serializers

from .fields import IntegerField, TextField
from .models import Play, Playlist, Track


class StrictModelSerializer(serializers.ModelSerializer):
    """Takes the limits of each field from the model, and refuses fields that it does not know."""

    serializer_field_mapping = {  # noqa: RUF012 (declared by the parent)
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TextField,
        models.PositiveIntegerField: IntegerField,
        models.PositiveSmallIntegerField: IntegerField,
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the fields that may be written; one answer names all that are bad.

        Raises:
            ValidationError: fields are missing, unknown or bad.
        """
        errors, values = {}, None
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            errors.update(error.detail)
        known = {field.field_name for field in self._writable_fields}
        errors |= {name: ["This field cannot be set."] for name in data if name not in known}
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def update(self, instance: models.Model, validated_data: dict[str, Any]) -> models.Model:
        """Store the fields that were sent, and no others: they may have changed meanwhile."""
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save(update_fields=validated_data)
        return instance


class TrackSerializer(StrictModelSerializer):
    """A track."""

    class Meta:
        """All of it."""

        model = Track
        fields = ("id", "title", "artist", "seconds", "year")
        extra_kwargs = {"year": {"default": None}}  # noqa: RUF012 (REST framework's idiom)


class PlaylistSerializer(StrictModelSerializer):
    """A playlist with its tracks in their order, and how long they last in all."""

    tracks = TrackSerializer(source="ordered_tracks", many=True, read_only=True)
    seconds = serializers.IntegerField(read_only=True, min_value=0)

    class Meta:
        """The name alone is written; tracks have addresses of their own."""

        model = Playlist
        fields = ("id", "name", "tracks", "seconds")


class PlaySerializer(StrictModelSerializer):
    """A play of a track."""

    track_id = serializers.PrimaryKeyRelatedField(
        source="track",
        queryset=Track.objects.select_for_update(),  # no one deletes it before the play is stored
        pk_field=IntegerField(min_value=1),
        error_messages={"does_not_exist": "There is no such track."},
    )

    class Meta:
        """When it was played is for the admin."""

        model = Play
        fields = ("id", "track_id")


class ChartEntrySerializer(serializers.Serializer):
    """A track and how often it was played."""

    track = TrackSerializer(source="*")
    plays = serializers.IntegerField(source="play_count")


class ChartSerializer(serializers.Serializer):
    """The tracks that were played most."""

    items = ChartEntrySerializer(many=True)
