"""The whole book as one PDF: ``python -m book.pdf``, after ``python course.py book``.

The built pages are put together as one, in the order of the table of contents, and Chromium prints
it. Answers are unfolded, all tabs are shown, and links between pages lead to places in the PDF.
"""

import subprocess
import sys
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from book.chromium import HOW_TO_GET, find_chromium, options
from book.notebooks import read_toc
from book.publishing import PDF_NAME
from book.server import HTML

PDF = HTML / PDF_NAME
PATIENCE = 600  # seconds
STYLE = """
@page { size: A4; margin: 18mm 16mm; @bottom-center { content: counter(page); font-size: 9pt } }
@page :first { @bottom-center { content: none } }
html { font-size: 10pt }
body { display: block; background: #fff }
.page, .contents { break-before: page }
.contents ul { list-style: none; padding: 0 }
.contents .part { margin-top: 1em; font-weight: 700 }
h1, h2, h3 { break-after: avoid }
h1 { margin-top: 0 }
tr, img, .admonition-title { break-inside: avoid }
pre, div.highlight pre { break-inside: auto; white-space: pre-wrap; overflow-wrap: anywhere }
div.highlight, .output { overflow: visible !important }
.headerlink, summary, .sd-tab-set > input { display: none !important }
.sd-tab-set { display: block }
.sd-tab-set > .sd-tab-label { display: block; font-weight: 700; border: 0 }
.sd-tab-set > .sd-tab-content { display: block !important }
.hero { break-inside: avoid }
.ways-in { display: none !important }
"""


def place(page: str, fragment: str = "") -> str:
    """Return the id that a page, or a place on it, has in the whole."""
    slug = page.removesuffix(".html").replace("/", "--")
    return f"{slug}--{fragment}" if fragment else slug


def move_links(article: Tag, page: str, pages: set[str], base: str) -> None:
    """Make links and images of a page hold in the whole, which stands at the book's root.

    Parameters:
        article: the page's text; changed in place.
        page: the page's address from the root.
        pages: the addresses of all pages of the whole.
        base: where the book is published, or nothing.
    """
    for tag in article.find_all(id=True):
        tag["id"] = place(page, str(tag["id"]))
    for label in article.select("[for]"):
        label["for"] = place(page, str(label["for"]))
    for image in article.find_all("img"):
        image["src"] = normpath(urljoin(page, str(image["src"])))
        del image["loading"]
    for link in article.find_all("a", href=True):
        url = urlsplit(str(link["href"]))
        if url.scheme or url.netloc:
            continue
        target = normpath(urljoin(page, unquote(url.path))) if url.path else page
        if target in pages:
            link["href"] = "#" + place(target, unquote(url.fragment))
        elif base:
            link["href"] = urljoin(urljoin(base, page), str(link["href"]))
        else:
            link.unwrap()


def whole(folder: Path, base: str = "") -> str:
    """Return all pages as one.

    Parameters:
        folder: the built pages.
        base: where the book is published, or nothing.
    """
    addresses = [f"{name}.html" for name in read_toc()]
    known = set(addresses)
    entries, texts = [], []
    for address in addresses:
        page = BeautifulSoup((folder / address).read_text("utf-8"), "html.parser")
        article = page.select_one("article.bd-article")
        title = page.select_one("article.bd-article h1")
        assert article is not None, address
        assert title is not None, address
        move_links(article, address, known, base)
        for script in article.find_all("script"):
            script.decompose()
        for silent in article.find_all("noscript"):
            silent.name = "div"
        for fold in article.find_all("details"):
            fold["open"] = ""
        name = title.get_text().removesuffix("#").strip()
        entries.append(f'<li><a href="#{place(address)}">{name}</a></li>')
        article.name = "section"
        article["class"] = "page bd-article"
        article["id"] = place(address)
        texts.append(str(article))
    first, *rest = texts
    contents = f'<nav class="contents"><h1>Contents</h1><ul>{"".join(entries)}</ul></nav>'
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        "<title>Is Python good for backend development?</title>"
        '<link rel="stylesheet" href="_static/book.css">'
        f'<style>{STYLE}</style></head><body class="bd-content">'
        f"{first.replace('page bd-article', 'bd-article', 1)}{contents}{''.join(rest)}"
        "</body></html>"
    )


def print_pdf(chromium: Path, page: Path, target: Path) -> None:
    """Print a page into a PDF with tags and an outline.

    Raises:
        RuntimeError: Chromium made no PDF.
    """
    target.unlink(missing_ok=True)
    command = [str(chromium), "--headless", *options(), "--no-pdf-header-footer"]
    command += ["--export-tagged-pdf", "--generate-pdf-document-outline"]
    command += ["--virtual-time-budget=60000", f"--print-to-pdf={target}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode or not target.is_file():
        raise RuntimeError(f"Chromium made no PDF:\n{done.stderr[-2000:]}")


def main() -> int:
    """Put the pages together, print them, and return the exit code."""
    if not (HTML / "index.html").is_file():
        print(f"{HTML} has no pages: run `python course.py book` first.", file=sys.stderr)
        return 1
    chromium = find_chromium()
    if not chromium:
        print(f"Chromium is needed, it prints the book. {HOW_TO_GET}", file=sys.stderr)
        return 1
    print("Putting the pages together …", flush=True)
    page = HTML / "whole-book.html"
    try:
        page.write_text(whole(HTML), "utf-8")
        print("Printing …", flush=True)
        print_pdf(chromium, page, PDF)
    finally:
        page.unlink(missing_ok=True)
    print(f"The PDF is ready: {PDF} ({PDF.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
