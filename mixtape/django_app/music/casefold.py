"""Comparing texts without letter case: ``Track.objects.filter(title__casefold__contains="é")``.

SQLite's own LIKE and LOWER know A to Z alone, so ``icontains`` would not find É there. A function
of Python does; other databases know the letters of the world themselves.
"""

from typing import Any

from django.db.models import Transform


class Casefold(Transform):
    """The text without letter case, on both sides of a comparison."""

    lookup_name = "casefold"
    function = "LOWER"
    bilateral = True

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL for SQLite, which calls the function below."""
        return self.as_sql(compiler, connection, function="MIXTAPE_CASEFOLD", **context)


def add_casefold(*, connection: Any, **_: Any) -> None:
    """Give a new connection to SQLite the function; receives the signal connection_created."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("MIXTAPE_CASEFOLD", 1, _casefold, deterministic=True)


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()
