"""joinedload: one statement, and SQLAlchemy puts the rows together."""

from sqlalchemy.orm import joinedload


def overview(session: Session) -> list[dict]:
    look = joinedload(Playlist.entries).joinedload(PlaylistTrack.track)
    playlists = session.scalars(select(Playlist).order_by(Playlist.id).options(look)).unique()
    return [
        {
            "name": playlist.name,
            "titles": [entry.track.title for entry in playlist.entries],
            "seconds": sum(entry.track.seconds for entry in playlist.entries),
        }
        for playlist in playlists
    ]


overview_app = make_overview_app(overview)
