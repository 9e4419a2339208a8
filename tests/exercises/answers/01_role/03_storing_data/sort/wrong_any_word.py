"""Any single word is let through, such as rowid."""


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    if not column.isidentifier() or column == "id":
        raise ValueError(column)
    direction = "DESC" if descending else "ASC"
    try:
        rows = connection.execute(f"SELECT * FROM tracks ORDER BY {column} {direction}, id")
    except sqlite3.OperationalError:
        raise ValueError(column) from None
    return [dict(row) for row in rows]


sort_app = make_sort_app(tracks_sorted)
