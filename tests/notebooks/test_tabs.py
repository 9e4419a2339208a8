"""What stands in the tabs of a chapter is what runs: its caption names the file that it is from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "chapters"
SYNCED = {"stdlib", "flask", "fastapi", "django"}

TAB = re.compile(r"^:{3,}\{tab-item\}[^\n]*\n(.*?)^:{3,}[ ]*$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?:\{[\w-]+\})?[^\n]*\n(?P<options>(?::[\w-]+:[^\n]*\n)*)\n?"
    r"(?P<code>.*?)^(?P=fence)[ ]*$",
    re.DOTALL | re.MULTILINE,
)
FILE = re.compile(r"^:(?:caption|name):[ ]*(?P<file>\S+\.\w+)[ ]*$", re.MULTILINE)


def texts(page: Path) -> Iterator[str]:
    """The Markdown of a page."""
    if page.suffix == ".md":
        yield page.read_text("utf-8")
        return
    for cell in json.loads(page.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])


def tabs(page: Path) -> list[str]:
    return [tab for text in texts(page) for tab in TAB.findall(text)]


def programs(page: Path) -> list[tuple[str, str]]:
    """The code in a page's tabs, each with the file that its caption names."""
    found = []
    for tab in tabs(page):
        for block in BLOCK.finditer(tab):
            named = FILE.search(block["options"])
            if named:
                found.append((named["file"], block["code"]))
    return found


PAGES = [
    page
    for page in sorted([*CHAPTERS.rglob("*.ipynb"), *CHAPTERS.rglob("*.md")])
    if ".ipynb_checkpoints" not in page.parts
]
SHOWN = [
    pytest.param(page, file, code, id=f"{page.stem}-{file}")
    for page in PAGES
    for file, code in programs(page)
]


@pytest.mark.parametrize(("page", "file", "code"), SHOWN)
def test_code_in_a_tab_is_that_of_the_file_in_its_caption(page: Path, file: str, code: str) -> None:
    """A file beside the page is shown as a whole, one of the course's packages in pieces."""
    beside, packaged = page.parent / file, ROOT / file
    if beside.is_file():
        assert code == beside.read_text("utf-8")
    else:
        assert packaged.is_file(), f"the caption names {file}, which does not exist"
        assert code.strip()
        assert f"\n{code.rstrip()}\n" in f"\n{packaged.read_text('utf-8')}"


def test_every_program_beside_a_chapter_is_shown() -> None:
    shown = {param.values[0].parent / param.values[1] for param in SHOWN}
    assert shown, "no chapter has a program in a tab"
    assert set(CHAPTERS.rglob("*.py")) <= shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHAPTERS).as_posix())
def test_tabs_of_frameworks_are_synced(page: Path) -> None:
    """Whoever chooses a framework in one set of tabs sees it in all others."""
    for tab in tabs(page):
        key = re.search(r"^:sync:[ ]*(\S+)", tab, re.MULTILINE)
        if FILE.search(tab):
            assert key, tab
            assert key[1] in SYNCED, tab
