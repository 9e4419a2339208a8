"""The parameter has a name, and the columns are named too."""


def tracks_by(connection: sqlite3.Connection, artist: str) -> list[dict]:
    rows = connection.execute(
        "SELECT id, title, artist, seconds, year FROM tracks WHERE artist = :artist ORDER BY id",
        {"artist": artist},
    )
    return [dict(row) for row in rows]


search_app = make_search_app(tracks_by)
