"""Refuses a clip of exactly 30 seconds."""


class ClipSerializer(serializers.Serializer):
    track = serializers.PrimaryKeyRelatedField(queryset=Track.objects.all())
    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField()

    def validate(self, clip: dict) -> dict:
        length = clip["end"] - clip["start"]
        if not 1 <= length < 30 or clip["end"] > clip["track"].seconds:
            raise serializers.ValidationError({"end": "no"})
        return clip


@api_view(["POST"])
def add_clip(request: Request) -> Response:
    serializer = ClipSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return Response(serializer.data, status=201)


clips_app = App([path("clips", add_clip)])
