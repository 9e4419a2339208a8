"""The right to write is taken first, then it is looked, then written."""


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        query = "SELECT track_id FROM playlist_tracks WHERE playlist = ?"
        held = {track_id for (track_id,) in connection.execute(query, (source,))}
        if not set(track_ids) <= held or len(set(track_ids)) != len(track_ids):
            raise LookupError(f"not all of {track_ids} are in {source}")
        connection.executemany(
            "UPDATE playlist_tracks SET playlist = ? WHERE playlist = ? AND track_id = ?",
            [(target, source, track_id) for track_id in track_ids],
        )


moves_app = make_moves_app(move_tracks)
