"""It does not look whether the track is in there: the primary key refuses it."""


def put_track(engine: Engine, playlist_id: int, track_id: int) -> None:
    """Put a track at the end of a playlist, unless it is in there."""
    with Session(engine) as session, session.begin():
        playlist = session.get(Playlist, playlist_id)
        if playlist is None or session.get(Track, track_id) is None:
            raise LookupError(f"there is no playlist {playlist_id} or no track {track_id}")
        last = max((entry.position for entry in playlist.entries), default=-1)
        session.add(PlaylistTrack(playlist_id=playlist_id, track_id=track_id, position=last + 1))


def take_track(engine: Engine, playlist_id: int, track_id: int) -> None:
    """Take a track out of a playlist, if it is in there."""
    with Session(engine) as session, session.begin():
        if session.get(Playlist, playlist_id) is None:
            raise LookupError(f"there is no playlist {playlist_id}")
        entry = session.get(PlaylistTrack, (playlist_id, track_id))
        if entry is not None:
            session.delete(entry)


def read_playlist(engine: Engine, playlist_id: int) -> dict:
    """Return id, name, titles and seconds of a playlist."""
    look = selectinload(Playlist.entries).selectinload(PlaylistTrack.track)
    with Session(engine) as session:
        playlist = session.get(Playlist, playlist_id, options=[look])
        if playlist is None:
            raise LookupError(f"there is no playlist {playlist_id}")
        tracks = [entry.track for entry in playlist.entries]
        return {
            "id": playlist.id,
            "name": playlist.name,
            "titles": [track.title for track in tracks],
            "seconds": sum(track.seconds for track in tracks),
        }


def delete_track(engine: Engine, track_id: int) -> None:
    """Delete a track that no playlist holds."""
    with Session(engine) as session, session.begin():
        track = session.get(Track, track_id)
        if track is None:
            raise LookupError(f"there is no track {track_id}")
        session.delete(track)
