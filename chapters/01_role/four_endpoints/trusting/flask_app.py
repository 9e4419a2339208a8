"""GET /lengths?seconds=215 with Flask."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/lengths")
def length() -> dict[str, str]:
    """Write seconds as minutes and seconds."""
    seconds = int(request.args["seconds"])
    return {"length": f"{seconds // 60}:{seconds % 60:02}"}
