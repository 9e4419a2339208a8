"""What clients send and get, as Pydantic models; the OpenAPI description is made from them."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    with_config,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # Pydantic asks for this one before Python 3.12

MAX_TEXT = 200  # characters of a title, an artist or a name, after trimming
MAX_ID = 2**53 - 1  # the largest integer that every JSON reader keeps exact; no id gets there
MAX_OFFSET = 2**63 - 1  # the largest integer that databases know


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "String should not contain NUL characters")
    return text


def _as_json_writes_it(value: Any) -> Any:
    # In a URL every value is text, and Pydantic would read "1.0", " 1", "+1" and "1_000" as well.
    if isinstance(value, str) and not re.fullmatch("-?(0|[1-9][0-9]*)", value):
        raise PydanticCustomError("int_parsing", "Input should be a valid integer")
    return value


def _as_json_schema_reads_it(value: Any) -> Any:
    # JSON knows one kind of number, and its schemas call 215.0 an integer. true and "215" are none,
    # which is why the fields are strict.
    return int(value) if isinstance(value, float) and value.is_integer() else value


_InUrl = BeforeValidator(_as_json_writes_it)
_InJson = BeforeValidator(_as_json_schema_reads_it)

# JSON Schema counts characters before trimming, so minLength and maxLength would not be true here.
# This pattern is: the white space that Pydantic trims, and between it 1 to MAX_TEXT characters.
_WHITE = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INNER = rf"[^\x00{_WHITE}]([^\x00]{{0,{MAX_TEXT - 2}}}[^\x00{_WHITE}])?"
_TRIMMED = rf"^[{_WHITE}]*{_INNER}[{_WHITE}]*$"

Text = Annotated[
    str,
    # Pydantic itself refuses lone surrogates: they are no characters.
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT),
    AfterValidator(_without_nul),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _TRIMMED,
            "description": f"1 to {MAX_TEXT} characters after trimming; no NUL, no lone surrogates",
        }
    ),
]
Seconds = Annotated[int, Field(strict=True, ge=1, le=36000), _InJson]
Year = Annotated[int, Field(strict=True, ge=1860, le=2100), _InJson]

UrlId = Annotated[int, Field(ge=1, le=MAX_ID), _InUrl]
Limit = Annotated[int, Field(ge=1, le=100), _InUrl]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET), _InUrl]

# What the documentation page offers to send.
_TRACK: JsonDict = {"title": "Feeling Good", "artist": "Nina Simone", "seconds": 177, "year": 1965}
_PLAYLIST: JsonDict = {"name": "For a rainy Sunday"}


class Health(BaseModel):
    """The answer of a server that is there."""

    status: Literal["ok"]


class TrackCreate(BaseModel):
    """A track, as a client sends it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_TRACK]})

    title: Text
    artist: Text
    seconds: Seconds
    year: Year | None = None


@with_config(ConfigDict(extra="forbid", json_schema_extra={"examples": [{"year": 1965}]}))
class TrackUpdate(TypedDict, total=False):
    """The fields of a track to change; those that are not named keep their value."""

    # A typed dictionary and no model: its keys may be missing without being null, and it holds
    # those that were sent and no others.
    title: Text
    artist: Text
    seconds: Seconds
    year: Year | None


class TrackPublic(BaseModel):
    """A track, as a client gets it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    artist: str
    seconds: int
    year: int | None


class TrackPage(BaseModel):
    """Some of the tracks that were asked for, and the number of them all."""

    items: list[TrackPublic]
    total: int


class PlaylistCreate(BaseModel):
    """A playlist, as a client sends it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PLAYLIST]})

    name: Text


class PlaylistPublic(BaseModel):
    """A playlist, its tracks in their order, and how long they last in all."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    tracks: list[TrackPublic]
    seconds: int


class PlayCreate(BaseModel):
    """Which track was played."""

    model_config = ConfigDict(extra="forbid")

    track_id: Annotated[int, Field(strict=True, ge=1, le=MAX_ID), _InJson]


class PlayPublic(BaseModel):
    """One time that a track was played."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    track_id: int


class ChartEntry(BaseModel):
    """A track and how often it was played."""

    track: TrackPublic
    plays: int


class Chart(BaseModel):
    """The tracks that were played, most played first."""

    items: list[ChartEntry]
