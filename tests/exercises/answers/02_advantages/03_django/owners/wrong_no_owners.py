"""Lets everybody who is logged in change every playlist."""


class OwnersWrite(IsAuthenticatedOrReadOnly):
    def has_object_permission(self, request, view, playlist):
        return True


class GuardedPlaylists(PlaylistViewSet):
    permission_classes = (OwnersWrite,)


owners_router = SimpleRouter(trailing_slash=False)
owners_router.register("playlists", GuardedPlaylists)
owners_app = App(owners_router.urls)
