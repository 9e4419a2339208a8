"""Each order is a key of a dictionary, and a KeyError becomes a ValueError."""

ORDERS = {
    (column, descending): f"{column} {'DESC' if descending else 'ASC'}, id ASC"
    for column in ("title", "artist", "seconds", "year")
    for descending in (False, True)
}


def tracks_sorted(connection: sqlite3.Connection, column: str, descending: bool) -> list[dict]:
    try:
        order = ORDERS[column, descending]
    except KeyError:
        raise ValueError(f"tracks cannot be sorted by {column}") from None
    return [dict(row) for row in connection.execute("SELECT * FROM tracks ORDER BY " + order)]


sort_app = make_sort_app(tracks_sorted)
