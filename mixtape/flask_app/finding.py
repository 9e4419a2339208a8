"""Ids in paths, and the rows behind them."""

from typing import TypeVar

from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from .models import Base

Row = TypeVar("Row", bound=Base)


class IdConverter(BaseConverter):
    """The part of a path that is an id. Any other text there matches no route, and gives 404."""

    # No database counts further than 18 digits, and more might not fit into its integers.
    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the id as a number."""
        return int(value)


def find(session: Session, kind: type[Row], row_id: int, *, to_write: bool = False) -> Row:
    """Return the row with this id.

    Args:
        session: where to look.
        kind: the class of the table.
        row_id: the id.
        to_write: keep others from changing the row until the transaction ends.

    Raises:
        NotFound: there is no such row.
    """
    # FOR UPDATE lets others wait until our change is stored. SQLite has no such words and needs
    # none: its sessions for writing follow one another.
    row = session.get(kind, row_id, with_for_update=to_write)
    if row is None:
        raise NotFound(f"There is no {kind.__name__.lower()} {row_id}.")
    return row
