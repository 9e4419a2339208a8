"""The tables of Mixtape, as classes."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

MAX_TEXT = 200  # characters of a title, an artist, or a playlist's name


class Track(models.Model):
    """A recording: title, artist, length in seconds, and the year when it is known."""

    title = models.CharField(max_length=MAX_TEXT)
    artist = models.CharField(max_length=MAX_TEXT, db_index=True)
    seconds = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(36_000)]
    )
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1860), MaxValueValidator(2100)]
    )

    class Meta:
        """Lists are in the order of creation."""

        ordering = ("pk",)

    def __str__(self) -> str:
        """Return what the admin calls this track."""
        return f"{self.title} ({self.artist})"


class Playlist(models.Model):
    """Tracks in the order in which they were inserted."""

    name = models.CharField(max_length=MAX_TEXT)
    tracks = models.ManyToManyField(Track, through="Entry", related_name="playlists")

    class Meta:
        """Lists are in the order of creation."""

        ordering = ("pk",)

    def __str__(self) -> str:
        """Return what the admin calls this playlist."""
        return str(self.name)

    @property
    def ordered_tracks(self) -> list[Track]:
        """The tracks in their order; a queryset can prefetch ``entries__track``."""
        return [entry.track for entry in self.entries.all()]

    @property
    def seconds(self) -> int:
        """The length of all tracks."""
        return sum(track.seconds for track in self.ordered_tracks)


class Entry(models.Model):
    """A track's place in a playlist."""

    playlist = models.ForeignKey(Playlist, models.CASCADE, related_name="entries")
    # A track cannot be deleted while a playlist holds it.
    track = models.ForeignKey(Track, models.PROTECT, related_name="entries")

    class Meta:
        """A playlist holds a track once, at the place where it was first inserted."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("playlist", "track"), name="track_once_a_playlist"),
        )
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        """Return what the admin calls this entry."""
        return f"{self.track} in {self.playlist}"


class Play(models.Model):
    """A track was played once. Plays go when their track goes."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="plays")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The last play comes first."""

        ordering = ("-pk",)

    def __str__(self) -> str:
        """Return what the admin calls this play."""
        return f"{self.track} at {self.at:%Y-%m-%d %H:%M}"
