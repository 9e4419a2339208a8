"""Statements instead of objects: the largest position comes from the database."""

from sqlalchemy import delete, func


def must_exist(session: Session, table, row_id: int) -> None:
    if session.scalar(select(table.id).where(table.id == row_id)) is None:
        raise LookupError(f"there is no {table.__name__} {row_id}")


def put_track(engine: Engine, playlist_id: int, track_id: int) -> None:
    with Session(engine) as session:
        must_exist(session, Playlist, playlist_id)
        must_exist(session, Track, track_id)
        mine = select(PlaylistTrack.position).where(PlaylistTrack.playlist_id == playlist_id)
        if session.scalar(mine.where(PlaylistTrack.track_id == track_id)) is not None:
            return
        last = session.scalar(
            select(func.max(PlaylistTrack.position)).where(PlaylistTrack.playlist_id == playlist_id)
        )
        position = 1 if last is None else last + 1
        entry = PlaylistTrack(playlist_id=playlist_id, track_id=track_id, position=position)
        session.add(entry)
        session.commit()


def take_track(engine: Engine, playlist_id: int, track_id: int) -> None:
    with Session(engine) as session:
        must_exist(session, Playlist, playlist_id)
        session.execute(
            delete(PlaylistTrack).where(
                PlaylistTrack.playlist_id == playlist_id, PlaylistTrack.track_id == track_id
            )
        )
        session.commit()


def read_playlist(engine: Engine, playlist_id: int) -> dict:
    with Session(engine) as session:
        must_exist(session, Playlist, playlist_id)
        name = session.scalar(select(Playlist.name).where(Playlist.id == playlist_id))
        rows = session.execute(
            select(Track.title, Track.seconds)
            .join(PlaylistTrack, PlaylistTrack.track_id == Track.id)
            .where(PlaylistTrack.playlist_id == playlist_id)
            .order_by(PlaylistTrack.position)
        ).all()
    titles, seconds = [title for title, _ in rows], sum(seconds for _, seconds in rows)
    return {"id": playlist_id, "name": name, "titles": titles, "seconds": seconds}


def delete_track(engine: Engine, track_id: int) -> None:
    with Session(engine) as session:
        must_exist(session, Track, track_id)
        session.execute(delete(Track).where(Track.id == track_id))
        session.commit()
