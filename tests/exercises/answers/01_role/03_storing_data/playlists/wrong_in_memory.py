"""Playlists are kept in a list that is new for each request."""


def open_playlists(engine: Engine):
    """Return an object with the methods put, take, read and delete_track."""

    def find(session: Session, table: type[Base], row_id: int, **more):
        row = session.get(table, row_id, **more)
        if row is None:
            raise LookupError(f"there is no {table.__name__} {row_id}")
        return row

    order: list[tuple[int, int]] = []

    class Playlists:
        def put(self, playlist_id: int, track_id: int) -> None:
            with Session(engine) as session, session.begin():
                playlist, track = (
                    find(session, Playlist, playlist_id),
                    find(session, Track, track_id),
                )
                order.append((playlist.id, track.id))

        def take(self, playlist_id: int, track_id: int) -> None:
            with Session(engine) as session, session.begin():
                playlist = find(session, Playlist, playlist_id)
                playlist.entries = [e for e in playlist.entries if e.track_id != track_id]

        def read(self, playlist_id: int) -> dict:
            look = selectinload(Playlist.entries).selectinload(PlaylistTrack.track)
            with Session(engine) as session:
                playlist = find(session, Playlist, playlist_id, options=[look])
                tracks = [entry.track for entry in playlist.entries]
                titles, seconds = [t.title for t in tracks], sum(t.seconds for t in tracks)
                return {"name": playlist.name, "titles": titles, "seconds": seconds}

        def delete_track(self, track_id: int) -> None:
            with Session(engine) as session, session.begin():
                session.delete(find(session, Track, track_id))

    return Playlists()


playlists_app = make_playlists_app(open_playlists)
