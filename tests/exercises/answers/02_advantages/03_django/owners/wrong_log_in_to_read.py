"""Asks readers to log in."""

from rest_framework.permissions import BasePermission


class OwnersWrite(BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated

    def has_object_permission(self, request, view, playlist):
        if request.method in SAFE_METHODS or playlist.owner == request.user:
            return True
        return request.method == "DELETE" and request.user.is_staff


class GuardedPlaylists(PlaylistViewSet):
    permission_classes = (OwnersWrite,)


owners_router = SimpleRouter(trailing_slash=False)
owners_router.register("playlists", GuardedPlaylists)
owners_app = App(owners_router.urls)
