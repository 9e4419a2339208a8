"""The tables of Mixtape, as classes."""

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What all tables have in common."""


class Track(Base):
    """A recording: title, artist, length in seconds, and the year when it is known."""

    __tablename__ = "tracks"
    # SQLite would give the id of a deleted track to the next one: an old link would lead astray.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    artist: Mapped[str] = mapped_column(String(200), index=True)
    seconds: Mapped[int]
    year: Mapped[int | None]

    def as_dict(self) -> dict[str, int | str | None]:
        """Return the track as the API shows it."""
        return {
            "id": self.id,
            "title": self.title,
            "artist": self.artist,
            "seconds": self.seconds,
            "year": self.year,
        }


class Place(Base):
    """A track's place in a playlist. The two ids together are the key: a track is in there once."""

    __tablename__ = "places"

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id"), primary_key=True)
    # The database refuses to delete a track that has a place.
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), primary_key=True, index=True)
    position: Mapped[int]


class Playlist(Base):
    """A name, and tracks in an order."""

    __tablename__ = "playlists"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    # To be read: a track is put in and taken out by its place.
    tracks: Mapped[list[Track]] = relationship(
        secondary="places", order_by=Place.position, viewonly=True
    )

    def as_dict(self) -> dict[str, Any]:
        """Return the playlist as the API shows it, with its tracks and how long they last."""
        return {
            "id": self.id,
            "name": self.name,
            "tracks": [track.as_dict() for track in self.tracks],
            "seconds": sum(track.seconds for track in self.tracks),
        }


class Play(Base):
    """One time that a track was played."""

    __tablename__ = "plays"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The plays of a track go with it: a chart shows tracks that are there.
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), index=True)

    def as_dict(self) -> dict[str, int]:
        """Return the play as the API shows it."""
        return {"id": self.id, "track_id": self.track_id}
