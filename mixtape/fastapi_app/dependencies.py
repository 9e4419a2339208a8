"""What the endpoints ask FastAPI for: sessions, and rows by their id."""

from collections.abc import Iterator
from typing import Annotated, TypeVar

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session

from .database import READERS, WRITERS, Database
from .models import Base

Row = TypeVar("Row", bound=Base)


def open_reading(request: Request) -> Iterator[Session]:
    """Lend a session that reads."""
    database: Database = request.state.database
    with database.reading() as session:
        yield session


def open_writing(request: Request) -> Iterator[Session]:
    """Lend a session that may write; what the endpoint does not commit is undone."""
    database: Database = request.state.database
    with database.writing() as session:
        yield session


# scope="function": the connection goes back before the answer is sent, however slow the client is.
# max_concurrency: a request that finds no session waits without a thread. If it waited in the
# connection pool, forty of them would hold all threads, and those that have a connection could not
# get on to give it back.
ReadSession = Annotated[Session, Depends(open_reading, scope="function", max_concurrency=READERS)]
WriteSession = Annotated[Session, Depends(open_writing, scope="function", max_concurrency=WRITERS)]


def get_or_404(session: Session, model: type[Row], row_id: int, *, lock: bool = False) -> Row:
    """Return the row with this id.

    Args:
        session: where to look.
        model: which table.
        row_id: the id.
        lock: keep others from changing the row until the transaction ends. SQLite locks the whole
            database for a writer anyway; databases that lock row by row need this.

    Raises:
        HTTPException: 404 when there is no such row.
    """
    row = session.get(model, row_id, with_for_update=lock)
    if row is None:
        raise HTTPException(404, f"There is no {model.__name__.lower()} with the id {row_id}.")
    return row
