"""GET /lengths?seconds=215 with FastAPI."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/lengths")
def length(seconds: int) -> dict[str, str]:
    """Write seconds as minutes and seconds."""
    return {"length": f"{seconds // 60}:{seconds % 60:02}"}
