"""It leaves it to SQLite to refuse a column: all that is SQL gets through."""


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    direction = "DESC" if descending else "ASC"
    try:
        rows = connection.execute(f"SELECT * FROM tracks ORDER BY {column} {direction}, id")
        return [dict(row) for row in rows]
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ValueError(column) from error


sort_app = make_sort_app(tracks_sorted)
