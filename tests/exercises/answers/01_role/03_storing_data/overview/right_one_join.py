"""One statement with outer joins, put together in Python."""


def overview(session: Session) -> list[dict]:
    query = (
        select(Playlist.id, Playlist.name, Track.title, Track.seconds)
        .outerjoin(Playlist.entries)
        .outerjoin(PlaylistTrack.track)
        .order_by(Playlist.id, PlaylistTrack.position)
    )
    items: dict[int, dict] = {}
    for playlist_id, name, title, seconds in session.execute(query):
        item = items.setdefault(playlist_id, {"name": name, "titles": [], "seconds": 0})
        if title is not None:
            item["titles"].append(title)
            item["seconds"] += seconds
    return list(items.values())


overview_app = make_overview_app(overview)
