"""The addresses of the API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tracks", views.TrackViewSet, "track")
router.register("playlists", views.PlaylistViewSet, "playlist")
router.register("plays", views.PlayViewSet, "play")

urlpatterns = [
    *router.urls,
    path("charts", views.ChartView.as_view(), name="charts"),
    path("health", views.HealthView.as_view(), name="health"),
    path("openapi.json", views.DescriptionView.as_view(), name="openapi"),
]
