"""Overviews made from the notebooks: `python -m book.overview` writes them, `--verify` compares.

A page marks the places, and what stands between two marks is replaced:

    <!-- overview: sections -->      cards of all sections
    <!-- overview: counts -->        how much there is so far
    <!-- overview: chapters -->      the chapters of the page's own section
    <!-- overview: notebooks -->     every notebook with its run time
    <!-- /overview -->

They are Markdown that is kept in the file, so that JupyterLab shows them, too. The book makes them
anew while it reads a page, so that a new chapter is there by itself.
"""

import json
import re
import sys
from collections.abc import Callable
from os.path import relpath
from pathlib import Path

from book.ledger import Claim, heading, read_claims
from book.notebooks import (
    ROOT,
    Notebook,
    companion,
    is_notebook,
    read_notebook,
    read_sections,
    read_toc,
)

RUN_TIMES = ROOT / "data" / "run_times.json"
BROWSER_TIMES = ROOT / "data" / "browser_timing.json"

_PLACE = re.compile(
    r"(?P<begin><!-- overview: (?P<kind>\w+) -->\n).*?(?P<end><!-- /overview -->)", re.DOTALL
)


def link(page: str, name: str, text: str) -> str:
    """Return a Markdown link from one page to a notebook.

    Parameters:
        page: the name of the page that the link stands on.
        name: the notebook's name.
    """
    return f"[{text}]({relpath(f'{name}.ipynb', Path(page).parent)})".replace("\\", "/")


def duration(minutes: int) -> str:
    """Return minutes for people: ``45 min``, ``2 h 15 min``."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" * bool(hours), f"{rest} min" * bool(rest)) if part
    )


def minutes_of(chapter: Notebook) -> tuple[int, int]:
    """Return the minutes of a chapter and of its exercise, 0 where there is none."""
    exercise = companion(chapter.name, "exercises")
    return chapter.minutes or 0, (read_notebook(exercise).minutes or 0) if exercise else 0


def claims_of(names: tuple[str, ...]) -> list[Claim]:
    """Return the claims that these chapters put on trial."""
    tried = [name.removeprefix("chapters/") for name in names]
    return [claim for claim in read_claims() if claim["notebook"] in tried]


def claim_links(page: str, names: tuple[str, ...]) -> list[str]:
    """Return the claims that these chapters try, each as a link to its row in the ledger."""
    ledger = relpath("chapters/ledger.md", Path(page).parent).replace("\\", "/")
    return [
        f"[{claim['claim']}]({ledger}#{heading(claim).lower().replace(' ', '-')})"
        for claim in claims_of(names)
    ]


def sections(page: str) -> str:
    """Return a card for each section: chapters, minutes, what is on trial."""
    cards = []
    for section in read_sections():
        chapters = [read_notebook(name) for name in section.chapters]
        reading, practice = map(sum, zip(*map(minutes_of, chapters), strict=True))
        target = relpath(f"{section.page}.md", Path(page).parent).replace("\\", "/")
        listed = "\n".join(f"- {link(page, c.name, c.title)}" for c in chapters)
        trial = "\n".join(f"- {claim}" for claim in claim_links(page, section.chapters))
        count = f"{len(chapters)} chapters" if len(chapters) > 1 else "1 chapter"
        cards.append(
            f":::{{grid-item-card}} {section.caption}\n:class-card: section-card\n\n"
            f"{count}, {duration(reading)}; exercises, {duration(practice)}\n\n{listed}\n\n"
            f"**On trial**\n\n{trial}\n\n[Open the section]({target})\n:::"
        )
    return "::::{grid} 1 1 2 2\n:gutter: 3\n\n" + "\n\n".join(cards) + "\n\n::::\n"


def counts(page: str) -> str:
    """Return how much there is so far, and how much of the trial is done."""
    names = [name for section in read_sections() for name in section.chapters]
    exercises = [name for name in names if companion(name, "exercises")]
    claims = read_claims()
    tried = [claim for claim in claims if "verdict" in claim]
    return (
        f"So far: {len(names)} chapters, {len(exercises)} exercises, "
        f"and a verdict on {len(tried)} of {len(claims)} claims.\n"
    )


def chapters(page: str) -> str:
    """Return the chapters of a page's section, in order: objectives, minutes, what is on trial."""
    section = next(s for s in read_sections() if s.page == page)
    parts = []
    for place, name in enumerate(section.chapters, 1):
        chapter = read_notebook(name)
        minutes, practice = minutes_of(chapter)
        times = f"{duration(minutes)}"
        exercise = companion(name, "exercises")
        if exercise:
            times += f", then {link(page, exercise, 'the exercise')}, {duration(practice)}"
        lines = [
            f"## {place} · {link(page, name, chapter.title)}",
            "",
            f"{times}. Runs {chapter.runs}",
        ]
        lines += ["", "You will be able to", "", *(f"- {o}" for o in chapter.objectives)]
        trial = claim_links(page, (name,))
        if trial:
            lines += ["", "On trial: " + "; ".join(trial) + "."]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def notebooks(page: str) -> str:
    """Return every notebook: minutes of work, seconds to run, whether the browser runs it."""
    measured = json.loads(RUN_TIMES.read_text("utf-8")) if RUN_TIMES.exists() else {}
    run = measured.get("seconds", {})
    browser = json.loads(BROWSER_TIMES.read_text("utf-8")) if BROWSER_TIMES.exists() else {}
    lines = [
        "| notebook | minutes of work | runs in (s) | in the browser |",
        "|---|---:|---:|---|",
    ]
    for name in filter(is_notebook, read_toc()):
        notebook = read_notebook(name)
        kind = {"exercises": "", "solutions": "Worked answers: "}.get(name.split("/")[0], "")
        title = notebook.title
        if kind:
            title = kind + title.removeprefix("Exercise: ")
        seconds = f"{run[name]:.0f}" if name in run else "–"
        lines.append(
            f"| {link(page, name, title)} | {notebook.minutes or '–'} | {seconds} "
            f"| {'yes' if notebook.browser else 'no'} |"
        )
    if measured:
        lines += ["", f"The seconds are from a machine with {measured['machine']}."]
    return "\n".join([*lines, *browser_lines(browser)]) + "\n"


def browser_lines(times: dict[str, object]) -> list[str]:
    """Return how long the browser edition takes to answer, where `book.browser.timing` measured it.

    Parameters:
        times: cold_seconds, warm_seconds, cold_megabytes, rounds and machine; or nothing.
    """
    if not times:
        return []
    return [
        "",
        "## Until the first answer in the browser",
        "",
        "From the click on *Run in the browser* until Flask has answered a first request:",
        "",
        "| visit | seconds |",
        "|---|---:|",
        f"| the first | {times['cold_seconds']} |",
        f"| when you come back | {times['warm_seconds']} |",
        "",
        f"Medians of {times['rounds']} visits by `python -m book.browser.timing`, from a server on "
        f"the same machine ({times['machine']}). Over a network, a first visit also waits "
        f"for {times['cold_megabytes']} MB; later ones load next to nothing.",
    ]


KINDS: dict[str, Callable[[str], str]] = {
    "sections": sections,
    "counts": counts,
    "chapters": chapters,
    "notebooks": notebooks,
}


def fill(page: str, text: str) -> str:
    """Return a page with its overviews made anew.

    Parameters:
        page: its path from the course's folder, without the suffix.
        text: its Markdown.

    Raises:
        KeyError: a mark names an overview that there is none of.
    """
    return _PLACE.sub(
        lambda place: place["begin"] + KINDS[place["kind"]](page) + place["end"], text
    )


def pages() -> list[Path]:
    """Return the Markdown pages that have overviews."""
    return [
        p for p in sorted((ROOT / "chapters").rglob("*.md")) if _PLACE.search(p.read_text("utf-8"))
    ]


def main() -> int:
    """Write the overviews, or compare them; return the exit code."""
    stale = []
    for path in pages():
        before = path.read_text("utf-8")
        after = fill(path.relative_to(ROOT).with_suffix("").as_posix(), before)
        if before == after:
            continue
        if "--verify" in sys.argv:
            stale.append(path.relative_to(ROOT).as_posix())
        else:
            path.write_text(after, "utf-8")
    for name in stale:
        print(f"{name} is not what the notebooks say: run `python -m book.overview`")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
