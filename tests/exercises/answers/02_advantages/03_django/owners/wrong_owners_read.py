"""Shows a playlist to its owner only."""


class OwnersWrite(IsAuthenticatedOrReadOnly):
    def has_object_permission(self, request, view, playlist):
        if request.method == "DELETE" and request.user.is_staff:
            return True
        return playlist.owner == request.user


class GuardedPlaylists(PlaylistViewSet):
    permission_classes = (OwnersWrite,)


owners_router = SimpleRouter(trailing_slash=False)
owners_router.register("playlists", GuardedPlaylists)
owners_app = App(owners_router.urls)
