"""What a chapter quotes of a type checker is what mypy says about the cell above it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = re.compile(r"```text\n((?:(?:error|note): [^\n]*\n)+)```")


def quotes() -> Iterator[object]:
    """The cell above each quoted report, and the lines of the report."""
    for page in sorted((ROOT / "chapters").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in page.parts:
            continue
        code = ""
        for cell in json.loads(page.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                code = source
                continue
            for report in REPORT.findall(source):
                yield pytest.param(code, report.splitlines(), id=page.stem)


@pytest.mark.parametrize(("code", "lines"), list(quotes()))
def test_mypy_says_what_is_quoted(code: str, lines: list[str], tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "cell.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if ": " in line]
    assert said == lines, done.stdout
