"""The column is a parameter: all rows are sorted by the same text."""


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    if column not in ("title", "artist", "seconds", "year"):
        raise ValueError(column)
    direction = "DESC" if descending else "ASC"
    rows = connection.execute(f"SELECT * FROM tracks ORDER BY ? {direction}, id", (column,))
    return [dict(row) for row in rows]


sort_app = make_sort_app(tracks_sorted)
