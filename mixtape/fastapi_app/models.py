"""The tables."""

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from .schemas import MAX_TEXT

# SQLite numbers rows by itself only in a column that is exactly INTEGER; it has 64 bits there too.
Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all tables have in common: an id that is never given to a second row."""

    __table_args__: tuple[object, ...] = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)


class Track(Base):
    """A piece of music."""

    __tablename__ = "tracks"

    title: Mapped[str] = mapped_column(String(MAX_TEXT))
    artist: Mapped[str] = mapped_column(String(MAX_TEXT), index=True)
    seconds: Mapped[int]
    year: Mapped[int | None]


class PlaylistTrack(Base):
    """A track's place in a playlist: ids grow, so their order is the order of insertion."""

    __tablename__ = "playlist_tracks"
    __table_args__ = (UniqueConstraint("playlist_id", "track_id"), *Base.__table_args__)

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"))
    # No cascade: the database refuses to delete a track that a playlist holds.
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), index=True)


class Playlist(Base):
    """Tracks in an order, under a name."""

    __tablename__ = "playlists"

    name: Mapped[str] = mapped_column(String(MAX_TEXT))
    # To be read only: rows of playlist_tracks are added and deleted by themselves.
    tracks: Mapped[list[Track]] = relationship(
        secondary="playlist_tracks",
        order_by=PlaylistTrack.id,
        lazy="selectin",
        viewonly=True,
    )

    @property
    def seconds(self) -> int:
        """How long the playlist lasts."""
        return sum(track.seconds for track in self.tracks)


class Play(Base):
    """One time that a track was played."""

    __tablename__ = "plays"

    # The plays of a track go with it: a chart can only show tracks that are there.
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), index=True)
