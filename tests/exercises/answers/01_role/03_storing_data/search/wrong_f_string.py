"""The name becomes part of the statement."""


def tracks_by(connection: sqlite3.Connection, artist: str) -> list[dict]:
    rows = connection.execute(f"SELECT * FROM tracks WHERE artist = '{artist}' ORDER BY id")
    return [dict(row) for row in rows]


search_app = make_search_app(tracks_by)
