"""The titles of a playlist are sorted by the ids of the tracks."""


def overview(session: Session) -> list[dict]:
    playlists = session.scalars(select(Playlist).order_by(Playlist.id)).all()
    rows = session.execute(
        select(PlaylistTrack.playlist_id, Track).join(PlaylistTrack.track).order_by(Track.id)
    ).all()
    items = []
    for playlist in playlists:
        tracks = [track for playlist_id, track in rows if playlist_id == playlist.id]
        seconds = sum(track.seconds for track in tracks)
        titles = [track.title for track in tracks]
        items.append({"name": playlist.name, "titles": titles, "seconds": seconds})
    return items


overview_app = make_overview_app(overview)
