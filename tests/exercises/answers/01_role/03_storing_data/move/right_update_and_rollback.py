"""One UPDATE a track, with commit and rollback by hand."""


def move_tracks(
    connection: sqlite3.Connection, track_ids: list[int], source: str, target: str
) -> None:
    change = "UPDATE playlist_tracks SET playlist = ? WHERE playlist = ? AND track_id = ?"
    try:
        for track_id in track_ids:
            if connection.execute(change, (target, source, track_id)).rowcount != 1:
                raise LookupError(f"track {track_id} is not in {source}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


moves_app = make_moves_app(move_tracks)
