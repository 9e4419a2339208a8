"""GET /lengths?seconds=215 with Flask; bad input is refused."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/lengths")
def length() -> dict[str, str] | tuple[dict[str, str], int]:
    """Write seconds as minutes and seconds."""
    seconds = request.args.get("seconds", 0, type=int)
    if not 1 <= seconds <= 36_000:
        return {"detail": "seconds: from 1 to 36000"}, 422
    return {"length": f"{seconds // 60}:{seconds % 60:02}"}
