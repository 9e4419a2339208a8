"""What a request may say. Flask leaves this to us, so each check stands here in plain Python."""

import json
from collections.abc import Callable
from typing import NamedTuple

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from .problems import FieldError, Invalid

MAX_BODY = 1_000_000  # bytes of a request's body
MAX_TEXT = 200  # characters of a title, an artist or a name
MAX_ID = 10**18 - 1  # the largest id that a path can name
MAX_OFFSET = 2**63 - 1  # the largest integer that SQLite and PostgreSQL know


Check = Callable[[object], object]


class Page(NamedTuple):
    """Which part of a list is wanted."""

    limit: int = 20
    offset: int = 0


def read_json(request: Request) -> object:
    """Return the JSON value in the body of a request.

    Raises:
        UnsupportedMediaType: the body is said to be something else than JSON.
        RequestEntityTooLarge: it is longer than MAX_BODY.
        BadRequest: it is not JSON.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be JSON, with Content-Type: application/json.")
    body = request.get_data(cache=False)
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    try:
        # json.loads(body) would also take UTF-16, and half of a surrogate pair in UTF-8.
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deep.") from None
    except ValueError:
        raise BadRequest("The body has an integer of too many digits.") from None


def new_track(document: object) -> dict[str, object]:
    """Return the fields of a new track.

    Raises:
        Invalid: fields are missing, unknown or bad; it names them all.
    """
    return _fields("track", document, _TRACK, required=("title", "artist", "seconds"))


def track_changes(document: object) -> dict[str, object]:
    """Return the fields of a track that are to change.

    Raises:
        Invalid: fields are unknown or bad; it names them all.
    """
    return _fields("track", document, _TRACK, required=())


def new_playlist(document: object) -> dict[str, object]:
    """Return the fields of a new playlist.

    Raises:
        Invalid: as with a track.
    """
    return _fields("playlist", document, _PLAYLIST, required=("name",))


def new_play(document: object) -> dict[str, object]:
    """Return the fields of a play. Whether there is such a track, only the database can tell.

    Raises:
        Invalid: as with a track.
    """
    return _fields("play", document, _PLAY, required=("track_id",))


def page(request: Request) -> Page:
    """Return the part of a list that the query string asks for.

    Raises:
        Invalid: `limit` or `offset` is bad.
    """
    return Page(**_query_integers(request, limit=(1, 100), offset=(0, MAX_OFFSET)))


def chart_limit(request: Request) -> int:
    """Return how many tracks of a chart the query string asks for.

    Raises:
        Invalid: `limit` is bad.
    """
    return _query_integers(request, limit=(1, 100)).get("limit", 10)


def can_be_text(value: str) -> bool:
    """Tell whether a title or an artist could have this in it."""
    return len(value) <= MAX_TEXT and _is_storable(value)


def _query_integers(request: Request, **ranges: tuple[int, int]) -> dict[str, int]:
    values: dict[str, int] = {}
    errors: list[FieldError] = []
    for name, (lowest, highest) in ranges.items():
        text = request.args.get(name)
        if text is None:
            continue
        # int() alone would also take "1_0", " 10 " and the digits of other scripts.
        is_integer = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_OFFSET))
        if is_integer and lowest <= int(text) <= highest:
            values[name] = int(text)
        else:
            message = f"must be an integer from {lowest} to {highest}"
            errors.append({"field": name, "message": message})
    if errors:
        raise Invalid("The query string is not valid.", errors)
    return values


def _fields(
    kind: str, document: object, checks: dict[str, Check], required: tuple[str, ...]
) -> dict[str, object]:
    if not isinstance(document, dict):
        raise Invalid("The body must be a JSON object.")
    values: dict[str, object] = {}
    errors: list[FieldError] = []
    for name in required:
        if name not in document:
            errors.append({"field": name, "message": "is missing"})
    for name, value in document.items():
        check = checks.get(name, _unknown)
        try:
            values[name] = check(value)
        except ValueError as error:
            errors.append({"field": name, "message": str(error)})
    if errors:
        raise Invalid(f"The {kind} is not valid.", errors)
    return values


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if not _is_storable(value):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    text = value.strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise ValueError(f"must have 1 to {MAX_TEXT} characters")
    return text


def _seconds(value: object) -> int:
    return _integer(value, 1, 36_000)


def _year(value: object) -> int | None:
    return None if value is None else _integer(value, 1860, 2100)


def _integer(value: object, lowest: int, highest: int) -> int:
    # JSON has one kind of number: 215.0 is an integer there. True and False are none.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise ValueError(f"must be an integer from {lowest} to {highest}")
    return value


def _unknown(value: object) -> object:
    raise ValueError("is not a field that can be set")


def _track_id(value: object) -> int:
    return _integer(value, 1, MAX_ID)


_TRACK: dict[str, Check] = {"title": _text, "artist": _text, "seconds": _seconds, "year": _year}
_PLAYLIST: dict[str, Check] = {"name": _text}
_PLAY: dict[str, Check] = {"track_id": _track_id}


def _is_storable(text: str) -> bool:
    # A surrogate, half of a pair in UTF-16, is no character: no database stores it alone.
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _refuse_constant(name: str) -> object:
    raise BadRequest(f"The body is not JSON: {name} is no number in it.")
