"""The connection to the database: a session to read, a session to write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Connection, QueuePool, create_engine, event, make_url
from sqlalchemy.orm import Session

from .models import Base

PATIENCE = 30.0  # seconds that a request waits while others write


class Database:
    """Gives out sessions, each for one request."""

    def __init__(self, url: str) -> None:
        """Open the database and create the tables that it lacks.

        Args:
            url: where the data is kept, as SQLAlchemy writes it.
        """
        address = make_url(url)
        is_sqlite = address.get_backend_name() == "sqlite"
        in_memory = is_sqlite and address.database in (None, "", ":memory:")
        options: dict[str, Any] = {}
        if is_sqlite:
            options["connect_args"] = {"timeout": PATIENCE, "check_same_thread": False}
        if in_memory:
            # A database in memory is one connection: the threads take turns with it.
            options |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        self.engine = create_engine(address, **options)
        if is_sqlite:
            event.listen(self.engine, "connect", _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        with self.writing() as session:
            Base.metadata.create_all(session.connection())
        if not in_memory:
            # A server may fork now, and processes must not share a connection.
            self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees the data as it is at one moment."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose changes are stored at its end: all, or after an error none."""
        with Session(self.engine) as session, session.begin():
            session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
            yield session


def init_app(app: Flask, url: str) -> None:
    """Give the application its database."""
    app.extensions["mixtape"] = Database(url)


def current_database() -> Database:
    """Return the database of the application that answers the present request."""
    return cast(Database, current_app.extensions["mixtape"])


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    # With a write-ahead log readers and a writer do not wait for one another. The file remembers
    # this setting; when another process is just making it, ours is not needed.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    # Safe when the program is killed; only a power cut may cost the last transactions.
    connection.execute("PRAGMA synchronous = NORMAL")
    # Without this, SQLite reads foreign keys and does nothing about them.
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own lower() knows A to Z alone.
    connection.create_function("lower", 1, _fold, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes fails when another has written in between.
    # IMMEDIATE takes the right to write at the start, and waits for it.
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
