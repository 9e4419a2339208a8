"""Collects the mistakes first, and checks in the method that turns JSON into values."""


class ClipSerializer(serializers.Serializer):
    track = serializers.PrimaryKeyRelatedField(queryset=Track.objects)
    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField()

    def to_internal_value(self, data):
        clip = super().to_internal_value(data)
        allowed = range(clip["start"] + 1, min(clip["start"] + 30, clip["track"].seconds) + 1)
        if clip["end"] not in allowed:
            message = f"must be between {clip['start'] + 1} and {allowed.stop - 1}"
            raise serializers.ValidationError({"end": [message]})
        return clip


@api_view(["POST"])
def add_clip(request: Request) -> Response:
    serializer = ClipSerializer(data=request.data)
    if serializer.is_valid():
        return Response(serializer.validated_data | {"track": request.data["track"]}, 201)
    return Response(serializer.errors, status=400)


clips_app = App([path("clips", add_clip)])
