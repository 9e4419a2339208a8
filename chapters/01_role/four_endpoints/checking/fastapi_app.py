"""GET /lengths?seconds=215 with FastAPI; bad input is refused."""

from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()


@app.get("/lengths")
def length(seconds: Annotated[int, Query(ge=1, le=36_000)]) -> dict[str, str]:
    """Write seconds as minutes and seconds."""
    return {"length": f"{seconds // 60}:{seconds % 60:02}"}
