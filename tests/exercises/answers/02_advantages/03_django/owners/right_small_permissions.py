"""Puts small permissions together with the operators that REST framework has for them."""

from rest_framework.permissions import BasePermission


class IsReading(BasePermission):
    def has_object_permission(self, request, view, playlist):
        return request.method in SAFE_METHODS


class IsOwner(BasePermission):
    def has_object_permission(self, request, view, playlist):
        return playlist.owner_id == request.user.pk


class IsDeleting(BasePermission):
    def has_object_permission(self, request, view, playlist):
        return view.action == "destroy" and request.user.is_staff


class GuardedPlaylists(PlaylistViewSet):
    permission_classes = (IsAuthenticatedOrReadOnly & (IsReading | IsOwner | IsDeleting),)


owners_router = SimpleRouter(trailing_slash=False)
owners_router.register("playlists", GuardedPlaylists)
owners_app = App(owners_router.urls)
