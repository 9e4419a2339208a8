"""LIKE takes a percent sign for anything and does not tell capital letters from small ones."""


def tracks_by(connection: sqlite3.Connection, artist: str) -> list[dict]:
    rows = connection.execute("SELECT * FROM tracks WHERE artist LIKE ? ORDER BY id", (artist,))
    return [dict(row) for row in rows]


search_app = make_search_app(tracks_by)
