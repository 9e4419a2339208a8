"""The playlists come in the order of their names."""


def overview(session: Session) -> list[dict]:
    look = selectinload(Playlist.entries).selectinload(PlaylistTrack.track)
    query = select(Playlist).order_by(Playlist.name).options(look)
    items = []
    for playlist in session.scalars(query):
        tracks = [entry.track for entry in playlist.entries]
        seconds = sum(track.seconds for track in tracks)
        titles = [track.title for track in tracks]
        items.append({"name": playlist.name, "titles": titles, "seconds": seconds})
    return items


overview_app = make_overview_app(overview)
