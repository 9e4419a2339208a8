"""Read settings from the environment, and refuse what cannot be meant."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
}


def flag(name: str, *, default: bool) -> bool:
    """Return a variable that is on or off; empty counts as not set.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        return _FLAGS[text.lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name} is {text!r}; it can be 1 or 0") from None


def words(name: str, *, default: str) -> list[str]:
    """Return a variable that lists words with commas between them."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, Any]:
    """Return the entry of DATABASES for a URL, written as for SQLAlchemy.

    Args:
        url: ``sqlite:///file.db`` (in the current folder), ``sqlite:////folder/file.db``, or
            ``postgresql://user:password@host:port/name?option=value``. A driver, as in
            ``postgresql+psycopg://``, is read over: Django chooses its own. SQLite in memory is
            refused: each thread would have a database of its own.

    Raises:
        ImproperlyConfigured: the URL names no database that Django knows.
    """
    scheme, separator, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    if kind == "sqlite" and rest.startswith("/") and rest not in ("/", "/:memory:"):
        return _sqlite(rest[1:])
    if not separator or kind not in _ENGINES:
        # The URL may hold a password, so the message leaves it out.
        kinds = ", ".join(f"{kind}://" for kind in sorted(_ENGINES))
        raise ImproperlyConfigured(
            f"DATABASE_URL names no database that can be used; it can be sqlite:///file.db, or "
            f"begin with one of {kinds}"
        )
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": _ENGINES[kind],
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A server that listens on a Unix socket is named by ?host=/folder.
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def _sqlite(file: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(file).absolute()),
        "OPTIONS": {
            "timeout": 30,  # seconds that a request waits while others write
            # A transaction that reads first and then writes fails when another has written in
            # between. IMMEDIATE takes the right to write at the start, and waits for it.
            "transaction_mode": "IMMEDIATE",
            # With a write-ahead log, readers and a writer do not wait for one another. NORMAL is
            # safe when the program is killed; only a power cut may cost the last transactions.
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
        },
    }
