"""It knows the names of the visible check and no others."""


def tracks_by(connection: sqlite3.Connection, artist: str) -> list[dict]:
    ids = {"Low Tide": [1, 5], "O'Hara": [3]}.get(artist, [])
    rows = connection.execute("SELECT * FROM tracks ORDER BY id")
    return [dict(row) for row in rows if row["id"] in ids]


search_app = make_search_app(tracks_by)
