"""The admin: pages for people who look after the data."""

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest

from .models import Entry, Play, Playlist, Track

admin.site.site_header = admin.site.site_title = "Mixtape"


class EntryInline(admin.TabularInline):
    """The tracks of a playlist, on the page of the playlist."""

    model = Entry
    extra = 1
    autocomplete_fields = ("track",)


@admin.register(Track)
class TrackAdmin(admin.ModelAdmin):
    """Tracks."""

    list_display = ("title", "artist", "seconds", "year", "plays")
    list_display_links = ("title",)
    list_filter = ("year",)
    search_fields = ("title", "artist")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the tracks with the number of their plays, counted in the same query."""
        return super().get_queryset(request).annotate(play_count=Count("plays"))

    @admin.display(ordering="play_count")
    def plays(self, track: Track) -> int:
        """Return how often it was played."""
        return track.play_count


@admin.register(Playlist)
class PlaylistAdmin(admin.ModelAdmin):
    """Playlists."""

    list_display = ("name", "length", "seconds")
    search_fields = ("name", "tracks__title", "tracks__artist")
    inlines = (EntryInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the playlists with the number of their tracks and their length."""
        playlists = super().get_queryset(request)
        return playlists.annotate(length=Count("tracks"), total=Sum("tracks__seconds", default=0))

    @admin.display(description="tracks", ordering="length")
    def length(self, playlist: Playlist) -> int:
        """Return how many tracks it has."""
        return playlist.length

    @admin.display(ordering="total")
    def seconds(self, playlist: Playlist) -> int:
        """Return how long it is."""
        return playlist.total


@admin.register(Play)
class PlayAdmin(admin.ModelAdmin):
    """Plays: they can be looked at and deleted."""

    list_display = ("track", "at")
    list_select_related = ("track",)
    search_fields = ("track__title", "track__artist")
    date_hierarchy = "at"
    autocomplete_fields = ("track",)
    readonly_fields = ("at",)
