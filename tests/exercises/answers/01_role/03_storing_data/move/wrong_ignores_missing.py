"""A track that is not in the source is passed over."""

TAKE = "DELETE FROM playlist_tracks WHERE playlist = ? AND track_id = ?"
PUT = "INSERT INTO playlist_tracks (playlist, track_id) VALUES (?, ?)"


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    with connection:
        for track_id in track_ids:
            if connection.execute(TAKE, (source, track_id)).rowcount:
                connection.execute(PUT, (target, track_id))


moves_app = make_moves_app(move_tracks)
