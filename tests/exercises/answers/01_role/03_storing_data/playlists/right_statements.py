"""Statements instead of objects: the largest position comes from the database."""

from sqlalchemy import delete, func, insert


class PlaylistStore:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def must_exist(self, connection, table, row_id: int) -> None:
        if connection.scalar(select(table.id).where(table.id == row_id)) is None:
            raise LookupError(f"there is no {table.__name__} {row_id}")

    def put(self, playlist_id: int, track_id: int) -> None:
        with self.engine.begin() as connection:
            self.must_exist(connection, Playlist, playlist_id)
            self.must_exist(connection, Track, track_id)
            rows = connection.execute(
                select(PlaylistTrack.track_id, PlaylistTrack.position).where(
                    PlaylistTrack.playlist_id == playlist_id
                )
            ).all()
            if track_id not in [held for held, _ in rows]:
                position = 1 + max((position for _, position in rows), default=0)
                values = {"playlist_id": playlist_id, "track_id": track_id, "position": position}
                connection.execute(insert(PlaylistTrack).values(values))

    def take(self, playlist_id: int, track_id: int) -> None:
        with self.engine.begin() as connection:
            self.must_exist(connection, Playlist, playlist_id)
            connection.execute(
                delete(PlaylistTrack).where(
                    PlaylistTrack.playlist_id == playlist_id, PlaylistTrack.track_id == track_id
                )
            )

    def read(self, playlist_id: int) -> dict:
        mine = PlaylistTrack.playlist_id == playlist_id
        with Session(self.engine) as session:
            playlist = session.get(Playlist, playlist_id)
            if playlist is None:
                raise LookupError(playlist_id)
            titles = session.scalars(
                select(Track.title)
                .join(PlaylistTrack, PlaylistTrack.track_id == Track.id)
                .where(mine)
                .order_by(PlaylistTrack.position)
            ).all()
            total = select(func.sum(Track.seconds)).join(
                PlaylistTrack, PlaylistTrack.track_id == Track.id
            )
            seconds = session.scalar(total.where(mine)) or 0
            return {"name": playlist.name, "titles": list(titles), "seconds": seconds}

    def delete_track(self, track_id: int) -> None:
        with self.engine.begin() as connection:
            self.must_exist(connection, Track, track_id)
            connection.execute(delete(Track).where(Track.id == track_id))


def open_playlists(engine: Engine):
    return PlaylistStore(engine)


playlists_app = make_playlists_app(open_playlists)
