"""The engine, its transactions, and what SQLite has to be told."""

import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, QueuePool, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from .models import Base

# Sessions open at the same time in one process. SQLite has one writer at a time whatever this says;
# the others wait for it. dependencies.py sees to it that requests wait here and not in the pool.
READERS = 8
WRITERS = 4

LOCK_TIMEOUT = 30.0  # seconds that a connection waits for another's write before it gives up


class Database:
    """The database of one application.

    Args:
        url: for example `sqlite:///mixtape.db`. Nothing is opened before the first use.

    Attributes:
        reading: makes sessions whose reads all see the same moment.
        writing: makes sessions that may write; on SQLite each waits for its turn.

    Raises:
        sqlalchemy.exc.ArgumentError: when the URL cannot be read.
    """

    reading: sessionmaker[Session]
    writing: sessionmaker[Session]

    def __init__(self, url: str) -> None:
        """Prepare the engine."""
        parsed = make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": READERS + WRITERS, "max_overflow": 0}
        if is_sqlite:
            options["connect_args"] = {"timeout": LOCK_TIMEOUT, "check_same_thread": False}
        if is_sqlite and parsed.database in (None, "", ":memory:"):
            # A database in memory belongs to its connection: there is one, and all take turns.
            options |= {"poolclass": QueuePool, "pool_size": 1}
        self._engine = create_engine(parsed, **options)
        if is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._write_engine = self._engine.execution_options(writes=True)
        # What was read or written stays readable after the commit, when the answer is made of it.
        self.reading = sessionmaker(self._engine, expire_on_commit=False)
        self.writing = sessionmaker(self._write_engine, expire_on_commit=False)

    def create_tables(self) -> None:
        """Create the tables that are missing."""
        # On SQLite this waits for the lock before it looks which tables there are, so that of
        # several workers that start at once, one creates them and the others find them.
        with self._write_engine.begin() as connection:
            Base.metadata.create_all(connection)

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # BEGIN is ours (below): the driver's own comes too late, at the first INSERT or UPDATE.
    connection.isolation_level = None
    # Without this, SQLite reads foreign keys and does nothing about them.
    connection.execute("PRAGMA foreign_keys = ON")
    # With a write-ahead log nobody who reads waits for the one who writes, nor the other way round.
    # The file remembers it. While another worker changes the file to it, SQLite says that it is
    # locked, and does not wait; then that worker's change is ours too.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    # With that log it is enough to wait for the disk now and then: a killed program loses nothing,
    # a power cut may take the last transactions.
    connection.execute("PRAGMA synchronous = NORMAL")
    # `icontains` compares lower() of both sides, and SQLite's own knows the letters A to Z only.
    connection.create_function("lower", 1, str.casefold, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes fails if another wrote in between, and waiting cannot
    # mend that. IMMEDIATE takes the lock first, and a transaction that comes second waits.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
