"""Every track is committed by itself: those before the mistake have moved."""

TAKE = "DELETE FROM playlist_tracks WHERE playlist = ? AND track_id = ?"
PUT = "INSERT INTO playlist_tracks (playlist, track_id) VALUES (?, ?)"


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    for track_id in track_ids:
        with connection:
            if connection.execute(TAKE, (source, track_id)).rowcount == 0:
                raise LookupError(track_id)
            connection.execute(PUT, (target, track_id))


moves_app = make_moves_app(move_tracks)
