"""What the notebooks say about themselves: title, minutes, objectives, where they run.

The box "Before you start" of a notebook is the one source of these facts. The book's pages, its
overviews and the browser edition ask here.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
TOC = ROOT / "_toc.yml"
FOLDERS = ("chapters", "exercises", "solutions")

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_WORD = re.compile(r"\w[\w'’-]*")
_WORDS_A_MINUTE = 200
_MINUTES = re.compile(r"^\*\*Time:\*\* (\d+) minutes", re.MULTILINE)
_RUNS = re.compile(r"^\*\*Runs:\*\* (.+?)(?=\n\s*\n|\n:::|\Z)", re.MULTILINE | re.DOTALL)
_OBJECTIVES = re.compile(r"^\*\*After this \w+ you can\*\*\n\n((?:[- ] .+\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """One notebook, as it describes itself.

    Attributes:
        name: its path from the course's folder, without the suffix; also its page in the book.
        title: its first heading, in Markdown.
        minutes: to work through it.
        browser: whether it runs in the browser edition, perhaps but for some cells.
        runs: the sentence that says where it runs, in Markdown.
        objectives: what one can do afterwards, in Markdown.
    """

    name: str
    title: str
    minutes: int | None
    browser: bool
    runs: str
    objectives: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of the table of contents that has a folder of its own under ``chapters/``.

    Attributes:
        number: as in the folder's name, from 1.
        caption: the part's heading, such as ``2 · Advantages``.
        folder: such as ``chapters/02_advantages``.
        chapters: names of its notebooks, in the order of the book.
    """

    number: int
    caption: str
    folder: str
    chapters: tuple[str, ...]

    @property
    def page(self) -> str:
        """The name of the section's own page."""
        return f"{self.folder}/index"


def reading_minutes(text: str) -> float:
    """Return the minutes that it takes to read a text."""
    return len(_WORD.findall(text)) / _WORDS_A_MINUTE


@cache
def read_notebook(name: str) -> Notebook:
    """Read one notebook.

    Parameters:
        name: its path from the course's folder, without the suffix.

    Raises:
        ValueError: it does not begin as a notebook of this course does.
    """
    cells = json.loads((ROOT / f"{name}.ipynb").read_text("utf-8"))["cells"]
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    title, runs = _TITLE.search(prose), _RUNS.search(prose)
    if not title or not runs:
        raise ValueError(f"{name}: a notebook begins with a title and a box with **Runs:**")
    minutes, objectives = _MINUTES.search(prose), _OBJECTIVES.search(prose)
    where = " ".join(runs[1].split())
    listed = re.split(r"^- ", objectives[1], flags=re.MULTILINE)[1:] if objectives else []
    return Notebook(
        name=name,
        title=title[1],
        minutes=int(minutes[1]) if minutes else None,
        browser="in the browser" in where.lower() and "not in the browser" not in where.lower(),
        runs=where,
        objectives=tuple(" ".join(item.split()) for item in listed),
    )


def is_notebook(name: str) -> bool:
    """Tell whether a page of the book is a notebook of the course."""
    return name.startswith(FOLDERS) and (ROOT / f"{name}.ipynb").is_file()


def title_of(name: str) -> str:
    """Return the title of a page of the book, in Markdown."""
    if is_notebook(name):
        return read_notebook(name).title
    found = _TITLE.search((ROOT / f"{name}.md").read_text("utf-8"))
    return found[1] if found else name


def read_toc() -> list[str]:
    """Return the names of all pages, in the order of the book."""
    toc = yaml.safe_load(TOC.read_text("utf-8"))

    def walk(entries: list[dict[str, object]]) -> list[str]:
        names: list[str] = []
        for entry in entries:
            sections = entry.get("sections", [])
            assert isinstance(sections, list)
            names += [str(entry["file"]), *walk(sections)]
        return names

    return [toc["root"], *(name for part in toc["parts"] for name in walk(part["chapters"]))]


def read_sections() -> list[Section]:
    """Return the sections of the course that have chapters, in the order of the book."""
    sections = []
    for part in yaml.safe_load(TOC.read_text("utf-8"))["parts"]:
        names = [entry["file"] for entry in part["chapters"]]
        chapters = tuple(n for n in names if n.startswith("chapters/") and is_notebook(n))
        if chapters:
            folder = chapters[0].rpartition("/")[0]
            number = int(folder.split("/")[1].split("_")[0])
            sections.append(Section(number, part["caption"], folder, chapters))
    return sections


def section_of(name: str) -> Section | None:
    """Return the section that a page belongs to: a chapter, its exercise, its worked answers."""
    folder = name.partition("/")[2].rpartition("/")[0]
    for section in read_sections():
        if folder and section.folder == f"chapters/{folder}":
            return section
    return None


def companion(name: str, folder: str) -> str | None:
    """Return the exercise, chapter or worked answers that go with a notebook, where there are."""
    other = f"{folder}/{name.partition('/')[2]}"
    return other if is_notebook(other) else None
