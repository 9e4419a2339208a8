"""Gives the types names with Annotated, and each model its own settings."""

from typing import Annotated

from pydantic import StrictBool, StrictInt, StrictStr

Title = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Length = Annotated[StrictInt, Field(gt=0, lt=36_001)]


class Piece(BaseModel, extra="forbid"):
    title: Title
    seconds: Length


class List(BaseModel, extra="forbid"):
    name: Annotated[StrictStr, Field(min_length=1, max_length=100)]
    public: StrictBool = False
    tracks: list[Piece]


def playlist_model() -> type[BaseModel]:
    return List


def create_playlist(document):
    try:
        playlist = playlist_model().model_validate(document)
    except ValidationError as error:
        places = {".".join(map(str, problem["loc"])) for problem in error.errors()}
        return 422, {"wrong": sorted(places)}
    return 201, playlist.model_dump()


playlists_app = as_app(create_playlist)
