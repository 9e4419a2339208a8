"""It looks only at the source beforehand: what SQLite refuses leaves half a move behind."""

TAKE = "DELETE FROM playlist_tracks WHERE playlist = ? AND track_id = ?"
PUT = "INSERT INTO playlist_tracks (playlist, track_id) VALUES (?, ?)"


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    query = "SELECT track_id FROM playlist_tracks WHERE playlist = ?"
    held = [track_id for (track_id,) in connection.execute(query, (source,))]
    for track_id in track_ids:
        if track_id not in held:
            raise LookupError(track_id)
        held.remove(track_id)
    for track_id in track_ids:
        connection.execute(TAKE, (source, track_id))
        connection.commit()
        connection.execute(PUT, (target, track_id))
        connection.commit()


moves_app = make_moves_app(move_tracks)
