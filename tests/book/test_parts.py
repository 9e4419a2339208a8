"""The parts that pages are made of: facts, overviews, style sheets, site map, PDF."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from book import notebooks, overview
from book.charts import draw, read_guesses
from book.light import PLAIN
from book.notebooks import read_notebook, read_sections
from book.pages import PLOT
from book.pdf import print_pdf, whole
from book.publishing import NAMESPACE, site_map
from book.purge import purge, used_in

BOX = """\
# A title

:::{{admonition}} Before you start
**After this chapter you can**

- do one thing, even
  over two lines
- do another

**Time:** 25 minutes

**Runs:** {runs}
:::
"""


def write_notebook(folder: Path, name: str, runs: str) -> None:
    path = folder / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    cells = [{"cell_type": "markdown", "source": BOX.format(runs=runs).splitlines(keepends=True)}]
    path.write_text(json.dumps({"cells": cells}), "utf-8")


@pytest.mark.parametrize(
    ("runs", "browser"),
    [
        ("on your machine, and in the browser.", True),
        ("on your machine. In the browser too, except for one cell.", True),
        ("on your machine only, with real processes.", False),
        ("on your machine, and not in the browser: it starts processes.", False),
    ],
)
def test_a_notebook_says_of_itself_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: str, browser: bool
) -> None:
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    name = f"chapters/99_made_up/{len(runs)}"
    write_notebook(tmp_path, name, runs)
    notebook = read_notebook(name)
    assert notebook.browser is browser
    assert (notebook.title, notebook.minutes, notebook.runs) == ("A title", 25, runs)
    assert notebook.objectives == ("do one thing, even over two lines", "do another")


def test_every_section_has_a_page_with_all_its_chapters() -> None:
    for section in read_sections():
        page = (notebooks.ROOT / f"{section.page}.md").read_text("utf-8")
        on_disk = sorted((notebooks.ROOT / section.folder).glob("*.ipynb"))
        assert [path.stem for path in on_disk] == [n.split("/")[-1] for n in section.chapters]
        for path in on_disk:
            assert f"({path.name})" in page
            for objective in read_notebook(f"{section.folder}/{path.stem}").objectives:
                assert objective in page


def test_overviews_are_what_the_notebooks_say() -> None:
    command = [sys.executable, "-m", "book.overview", "--verify"]
    done = subprocess.run(command, cwd=notebooks.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_notebook_was_timed() -> None:
    seconds = json.loads(overview.RUN_TIMES.read_text("utf-8"))["seconds"]
    for name in filter(notebooks.is_notebook, notebooks.read_toc()):
        assert name.startswith("exercises/") or seconds[name] > 0, (
            f"{name}: run `python -m book.run_times {name}.ipynb`"
        )


def test_the_plot_of_the_first_page_shows_the_figures_of_the_notebook() -> None:
    guesses = read_guesses(*PLOT)
    chart = BeautifulSoup(draw(guesses, "made up"), "html.parser")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in chart.select("tbody tr")]
    assert rows == [[name, f"{guess:g}", f"{found:g}"] for name, guess, found in guesses.rows]
    assert len(rows) == 3


def test_a_plot_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match="no output has the plot"):
        read_guesses(PLOT[0], "no such plot")


def test_a_style_sheet_keeps_what_can_match() -> None:
    page = """<p class="a b" id='c'><span></span></p><script>let x = "inside"</script>"""
    used = used_in([page], ['element.classList.add("late")'])
    css = """
    @charset "utf-8";
    @font-face { font-family: X; src: url(x.woff) }
    .a > span, .gone > span { color: red }
    .gone { color: red }
    #c:not(.gone)::before { content: "," }
    table { color: red }
    .late, .inside, p[data-x="y"] { top: 0 }
    @media print { .gone { top: 0 } .b { top: 0 } }
    @media screen { .gone { top: 0 } }
    @keyframes turn { to { rotate: 1turn } }
    """
    kept = purge(css, used)
    for part in (
        ".a > span{",
        "#c:not(.gone)::before{",
        '.late,.inside,p[data-x="y"]{',
        "@keyframes",
    ):
        assert part in kept
    assert "@media print {.b{" in kept
    for part in (".gone >", "table", "screen", "@font-face", "@charset"):
        assert part not in kept


def test_a_style_sheet_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        purge("p { color: red } }", used_in(["<p>"], []))


def test_the_style_sheet_has_the_icons_in_itself_and_names_no_other_file(book: Path) -> None:
    css = (book / "_static" / "book.css").read_text("utf-8")
    assert css.startswith("@font-face{font-family:'Font Awesome 6 Free'")
    assert "@import" not in css
    assert "fa-magnifying-glass" in css
    assert "fa-accessible-icon" not in css


def test_code_loses_only_elements_that_look_like_the_rest(book: Path) -> None:
    css = (book / "_static" / "pygments.css").read_text("utf-8")
    for theme in ("light", "dark"):
        start = rf'html\[data-theme="{theme}"\] \.highlight'
        ground = re.search(rf"{start} {{[^}}]*?\bcolor: (#\w+)", css)
        assert ground is not None
        for name in PLAIN:
            style = re.search(rf"{start} \.{name} {{([^}}]*)}}", css)
            assert style is None or style[1].strip().lower() == f"color: {ground[1].lower()}", name


def test_a_second_build_writes_no_chapter_and_keeps_the_style(
    book: Path, build_again: Callable[[], None]
) -> None:
    css = (book / "_static" / "book.css").read_text("utf-8")
    chapters = sorted((book / "chapters").rglob("0*.html"))
    written = [page.stat().st_mtime_ns for page in chapters]
    build_again()
    assert [page.stat().st_mtime_ns for page in chapters] == written
    assert (book / "_static" / "book.css").read_text("utf-8") == css


def test_the_site_map_names_every_page_by_its_whole_address() -> None:
    text = site_map("https://book.example/course/", ["chapters/index.html", "search.html"])
    found = [place.text for place in ElementTree.fromstring(text).iter(f"{{{NAMESPACE}}}loc")]
    assert found == [
        "https://book.example/course/chapters/index.html",
        "https://book.example/course/search.html",
    ]


def test_all_links_of_the_whole_book_lead_to_a_place_in_it(book: Path) -> None:
    text = whole(book)
    places = set(re.findall(r'\bid="([^"]+)"', text))
    for address in re.findall(r'<a\b[^>]*?\bhref="([^"]+)"', text):
        assert address.startswith(("http://", "https://")) or unescape(address[1:]) in places
    for source in re.findall(r'<img\b[^>]*?\bsrc="([^"]+)"', text):
        assert (book / source).is_file(), source
    assert text.count('class="page bd-article"') == len(notebooks.read_toc()) - 1
    assert "<script" not in text


def test_chromium_prints_a_pdf(chromium: Path, book: Path, tmp_path: Path) -> None:
    page, target = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<!doctype html><title>T</title><h1>One</h1><p>Two</p>", "utf-8")
    print_pdf(chromium, page, target)
    assert target.read_bytes().startswith(b"%PDF-")
