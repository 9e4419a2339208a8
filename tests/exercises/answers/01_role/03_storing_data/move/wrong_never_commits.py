"""Nothing is ever committed, and a mistake is undone for all moves before it too."""

TAKE = "DELETE FROM playlist_tracks WHERE playlist = ? AND track_id = ?"
PUT = "INSERT INTO playlist_tracks (playlist, track_id) VALUES (?, ?)"


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    try:
        for track_id in track_ids:
            if connection.execute(TAKE, (source, track_id)).rowcount == 0:
                raise LookupError(track_id)
            connection.execute(PUT, (target, track_id))
    except (LookupError, sqlite3.IntegrityError):
        connection.rollback()
        raise


moves_app = make_moves_app(move_tracks)
