"""Nothing is loaded beforehand: one statement for each playlist and for each track."""


def overview(session: Session) -> list[dict]:
    query = select(Playlist).order_by(Playlist.id)
    items = []
    for playlist in session.scalars(query):
        tracks = [entry.track for entry in playlist.entries]
        seconds = sum(track.seconds for track in tracks)
        titles = [track.title for track in tracks]
        items.append({"name": playlist.name, "titles": titles, "seconds": seconds})
    return items


overview_app = make_overview_app(overview)
