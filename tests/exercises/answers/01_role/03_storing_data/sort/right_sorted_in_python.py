"""Python sorts, which keeps equal tracks in their order in both directions."""

COLUMNS = {"title", "artist", "seconds", "year"}


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    if column not in COLUMNS:
        raise ValueError(f"choose one of {sorted(COLUMNS)}")
    tracks = [dict(row) for row in connection.execute("SELECT * FROM tracks ORDER BY id")]
    return sorted(tracks, key=lambda track: track[column], reverse=descending)


sort_app = make_sort_app(tracks_sorted)
