"""A track that is deleted is taken out of all playlists first."""


def open_playlists(engine: Engine):
    """Return an object with the methods put, take, read and delete_track."""

    def find(session: Session, table: type[Base], row_id: int, **more):
        row = session.get(table, row_id, **more)
        if row is None:
            raise LookupError(f"there is no {table.__name__} {row_id}")
        return row

    class Playlists:
        def put(self, playlist_id: int, track_id: int) -> None:
            with Session(engine) as session, session.begin():
                playlist, track = (
                    find(session, Playlist, playlist_id),
                    find(session, Track, track_id),
                )
                if any(entry.track_id == track_id for entry in playlist.entries):
                    return
                last = max((entry.position for entry in playlist.entries), default=-1)
                playlist.entries.append(PlaylistTrack(track=track, position=last + 1))

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
                track = find(session, Track, track_id)
                for entry in session.scalars(select(PlaylistTrack).filter_by(track_id=track_id)):
                    session.delete(entry)
                session.flush()
                session.delete(track)

    return Playlists()


playlists_app = make_playlists_app(open_playlists)
