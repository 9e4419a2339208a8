"""The tables of Mixtape, as classes."""

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


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
