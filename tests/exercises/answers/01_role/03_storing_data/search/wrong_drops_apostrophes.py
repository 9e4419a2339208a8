"""Apostrophes are taken out of the name, so that O'Hara is somebody else."""


def tracks_by(connection: sqlite3.Connection, artist: str) -> list[dict]:
    query = f"SELECT * FROM tracks WHERE artist = '{artist.replace(chr(39), '')}' ORDER BY id"
    return [dict(row) for row in connection.execute(query)]


search_app = make_search_app(tracks_by)
