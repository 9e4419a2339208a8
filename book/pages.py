"""Sphinx extension: what stands around a page's text, taken from the notebooks.

The bar above a page, the ways on below it, the overviews, and the top of the first page.
"""

import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book.charts import draw, read_guesses
from book.ledger import CLAIMS
from book.notebooks import (
    is_notebook,
    read_notebook,
    read_sections,
    reading_minutes,
    section_of,
)
from book.overview import BROWSER_TIMES, RUN_TIMES, fill, pages
from book.publishing import PDF_NAME

HERO = "<!-- book: hero -->"
FIRST = "chapters/01_role/01_what_a_backend_does"
# The plot at the top of the first page: a guess that most people share, and what came of it.
PLOT = ("chapters/02_advantages/04_one_contract", "GET /tracks")
# How the output of `workbench.quiz` begins, and what stands in its place on paper.
QUESTIONS = '<script type="application/javascript">var questions'
WITHOUT_QUESTIONS = (
    "<noscript><p>The questions answer your clicks, so they need JavaScript: you find them on the "
    "web page and in the notebook.</p></noscript>"
)
BROWSER_EDITION = "lite/lab/index.html"


def fill_overviews(app: Sphinx, page: str, source: list[str]) -> None:
    """Make the overviews of a page anew while it is read."""
    filled = fill(page, source[0])
    if "<!-- overview:" in filled:
        for data in (CLAIMS, RUN_TIMES, BROWSER_TIMES):
            app.env.note_dependency(str(data))
    source[0] = filled


def overviews_are_old(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Read pages with overviews again whenever anything changed."""
    root = Path(app.srcdir)
    names = [path.relative_to(root).with_suffix("").as_posix() for path in pages()]
    return [name for name in names if added | changed | removed and name in env.found_docs]


def run_address(page: str, name: str) -> str:
    """Return the address, seen from a page, that opens a notebook in the browser edition."""
    up = "../" * page.count("/")
    return f"{up}{BROWSER_EDITION}?path={quote(f'{name}.ipynb')}"


def ways(app: Sphinx, page: str, context: dict[str, Any]) -> list[dict[str, object]]:
    """Return the links below a page: take it along, mend it, ask about it."""
    found: list[dict[str, object]] = []
    source = f"{page}.ipynb" if is_notebook(page) else f"{page}.md"
    if is_notebook(page):
        address = f"{context['content_root']}_sources/{source}"
        found.append({"text": "Download this notebook", "address": address, "download": True})
    if app.config.has_pdf:
        address = f"{context['content_root']}{PDF_NAME}"
        found.append({"text": "The whole book as a PDF", "address": address, "download": True})
    repository = str(app.config.html_theme_options.get("repository_url") or "").rstrip("/")
    if repository:
        branch = app.config.html_theme_options.get("repository_branch") or "main"
        # Exercises are made from the worked answers.
        origin = re.sub(r"^exercises/", "solutions/", source)
        gitlab = "gitlab" in urlsplit(repository).netloc
        place, title = ("/-", "issue[title]") if gitlab else ("", "title")
        edit = f"{repository}{place}/edit/{branch}/{origin}"
        ask = f"{repository}{place}/issues/new?{title}={quote(f'Question about {source}')}"
        found.append({"text": "Edit this page", "address": edit})
        found.append({"text": "Ask about this page", "address": ask})
    return found


def add_facts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the templates what they show around a page's text."""
    if doctree is None or pagename == app.config.root_doc:
        return
    facts: dict[str, Any] = {"section": None, "ways": ways(app, pagename, context)}
    section = section_of(pagename)
    if section:
        page = section.page if section.page in app.env.found_docs else None
        facts["section"] = {"caption": section.caption, "page": page}
    if is_notebook(pagename):
        notebook = read_notebook(pagename)
        facts["minutes"] = notebook.minutes
        if notebook.browser and app.config.has_browser_edition:
            facts["run"] = run_address(pagename, pagename)
        elif not notebook.browser:
            facts["desktop"] = True
    else:
        facts["reading"] = max(1, round(reading_minutes(doctree.astext())))
    context["facts"] = facts


def raise_hero(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Set the beginning of the first page beside a measured plot, with the two ways to start."""
    if pagename != app.config.root_doc:
        return
    before, mark, after = context["body"].partition(HERO)
    if not mark:
        raise ValueError(f"{pagename} has no line {HERO}")
    context["secondary_sidebar_items"] = []  # the first page is as wide as it can be
    start = before.index("<h1")
    to = context["pathto"]
    chart = draw(
        read_guesses(*PLOT),
        "What one request cost: our guess, and what the machine said. "
        f'Measured in <a href="{to(PLOT[0])}">{escape(read_notebook(PLOT[0]).title)}</a>.',
    )
    start_here = (
        f'<a class="way-in first" href="{run_address(pagename, FIRST)}">Start in the browser</a>'
        if app.config.has_browser_edition
        else ""
    )
    buttons = (
        f'<p class="ways-in">{start_here}'
        f'<a class="way-in" href="{to("chapters/setup")}">Run it on your machine</a></p>'
    )
    context["body"] = (
        f'{before[:start]}<div class="hero"><div class="hero-text">{before[start:]}{buttons}</div>'
        f"{chart}</div>{after}"
    )


def name_headers(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say of headers of rows that they are; an empty header is none."""
    if context.get("body"):
        empty = r"<th[^>]*>(\s*(?:<p></p>)?\s*)</th>"
        body = re.sub(empty, r"<td>\1</td>", context["body"])
        context["body"] = re.sub(r"(<tr>\s*)<th>", r'\1<th scope="row">', body)


def excuse_questions(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say in the place of a chapter's questions, where no script runs, why there are none."""
    if context.get("body"):
        context["body"] = context["body"].replace(QUESTIONS, WITHOUT_QUESTIONS + QUESTIONS)


def forget_notebooks(app: Sphinx) -> None:
    """Read notebooks anew in every build: a process may build more than once."""
    read_notebook.cache_clear()
    assert read_sections(), "the table of contents names no chapter"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", forget_notebooks)
    app.connect("env-get-outdated", overviews_are_old)
    app.connect("source-read", fill_overviews)
    app.connect("html-page-context", add_facts)
    app.connect("html-page-context", raise_hero, priority=600)
    app.connect("html-page-context", name_headers, priority=700)
    app.connect("html-page-context", excuse_questions, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
