"""Sphinx extension: what a published site has beside its pages.

A page for addresses that do not exist; and, where `html.baseurl` says where the book will stand, a
site map and a picture for those who share a link.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

from sphinx.application import Sphinx
from sphinx.config import Config

from book.notebooks import FOLDERS, read_toc, title_of

PDF_NAME = "is-python-good-for-backend.pdf"
# Set by `course.py book --pdf`: the PDF will be there, so that pages may link to it.
PDF_WANTED = "COURSE_PDF"
# Set by `course.py book --no-browser-edition`: a page has no button that would lead nowhere.
NO_BROWSER_EDITION = "COURSE_NO_BROWSER_EDITION"
LOST = """\
<p><img class="dark-light" src="_static/logo.svg" alt="A cassette" width="180" height="120"
loading="lazy"></p>
<h1>This page is not here</h1>
<p>The address may be old, or it lost a letter on its way. These pages are here:</p>
<ul>
<li><a href="chapters/index.html">the first page</a>: what you will build, where to start</li>
<li><a href="search.html">the search</a></li>
<li><a href="chapters/notebooks.html">all notebooks</a></li>
</ul>
"""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def describe_pages(app: Sphinx, config: Config) -> None:
    """Make pictures for shared links where their address is known; know what else there will be."""
    if config.html_baseurl:
        config.ogp_site_url = config.html_baseurl
    else:
        config.ogp_social_cards = {"enable": False}
    # Every page has the menu of all pages, and is written anew when that changes.
    config.menu = hashlib.sha256("\n".join(map(title_of, read_toc())).encode()).hexdigest()
    config.has_pdf = PDF_WANTED in os.environ
    config.has_browser_edition = NO_BROWSER_EDITION not in os.environ


def add_lost_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give the page that a static host shows for an unknown address."""
    base = app.config.html_baseurl
    context = {
        "title": "This page is not here",
        "body": LOST,
        "lost_page": True,
        "root_path": urlsplit(base).path if base else "",
        "top_folders": [*FOLDERS, "lite", "_static", "_sources", "_images"],
    }
    yield "404", context, "page.html"


def site_map(base: str, pages: list[str]) -> bytes:
    """Return a site map.

    Parameters:
        base: the address of the book, ending in a slash.
        pages: addresses relative to it.
    """
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.Element(f"{{{NAMESPACE}}}urlset")
    for page in pages:
        entry = ElementTree.SubElement(root, f"{{{NAMESPACE}}}url")
        ElementTree.SubElement(entry, f"{{{NAMESPACE}}}loc").text = urljoin(base, page)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def write_site_map(app: Sphinx, exception: Exception | None) -> None:
    """Write sitemap.xml where the book's address is known."""
    base = app.config.html_baseurl
    if exception or not base or app.builder.name != "html":
        return
    pages = [app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    Path(app.outdir, "sitemap.xml").write_bytes(site_map(base, pages))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_config_value("menu", "", "html")
    app.add_config_value("has_pdf", False, "html")
    app.add_config_value("has_browser_edition", True, "html")
    app.connect("config-inited", describe_pages)
    app.connect("html-collect-pages", add_lost_page)
    app.connect("build-finished", write_site_map)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
