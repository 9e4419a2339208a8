"""Descending is the ascending list backwards, and so are the ids of equal tracks."""


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    if column not in ("title", "artist", "seconds", "year"):
        raise ValueError(column)
    rows = connection.execute(f"SELECT * FROM tracks ORDER BY {column}, id").fetchall()
    return [dict(row) for row in (rows[::-1] if descending else rows)]


sort_app = make_sort_app(tracks_sorted)
