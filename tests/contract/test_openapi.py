"""Each backend keeps what it says of itself in OpenAPI: schemathesis asks, with all its checks."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from mixtape import flask_app
from workbench import Server, serve

CONFIG = Path(flask_app.__file__).parents[1] / "schemathesis.toml"
SEED = 2026
EXAMPLES = 40  # of each operation in each phase; makes more than CASES in all
CASES = 500


def ask(server: Server, *options: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a server."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    command += ["run", f"{server.url}/openapi.json", "--checks", "all", "--seed", str(SEED)]
    command += ["--generation-database", "none", *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("name", ["flask", "fastapi", "django"])
def test_a_description_is_true(
    name: str, database_url: str, start_backend: Callable[[str, str], Server]
) -> None:
    with start_backend(name, database_url) as server:
        done = ask(server, "--max-examples", str(EXAMPLES))
        assert done.returncode == 0, done.stdout + done.stderr
        counted = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
        assert counted is not None, done.stdout
        assert counted[1] == counted[2]
        assert int(counted[1]) >= CASES
        assert "Traceback" not in server.log


def untrue_year(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["NewTrack"]["properties"]["year"]["maximum"] = 3000


def untrue_length(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Track"]["properties"]["seconds"]["maximum"] = 10


def forgotten_status(document: dict[str, Any]) -> None:
    del document["paths"]["/tracks/{track_id}"]["get"]["responses"]["404"]


@pytest.mark.parametrize("change", [untrue_year, untrue_length, forgotten_status])
def test_an_untrue_description_is_found(change: Any, database_url: str) -> None:
    """Without it the test above could pass whatever a description says."""
    app = described_otherwise(flask_app.create_app(database_url), change)
    with serve(app, name="untrue") as server:
        done = ask(server, "--max-examples", "20", "--phases", "coverage,fuzzing")
    assert done.returncode == 1, done.stdout + done.stderr


def described_otherwise(app: Flask, change: Any) -> Flask:
    """Return the app with a changed description."""

    def openapi() -> Response:
        document = flask_app.openapi.describe(app)
        change(document)
        return app.json.response(document)

    app.view_functions["openapi"] = openapi
    return app
