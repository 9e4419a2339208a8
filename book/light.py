"""Sphinx extension: a page loads one small style sheet and the scripts that it uses.

Jupyter Book and its theme give every page ten style sheets and a dozen scripts, 970 KiB in all.
"""

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from book.icons import font_face
from book.purge import purge, used_in

SHEET = "book.css"
# The theme's sheets, which its templates would name; those of the extensions follow.
THEME_SHEETS = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
# A script, and what on a page calls for it. Others are kept.
NEEDED_BY = {
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "togglebutton.js": 'dropdown"',
    "togglebuttonSelector": 'dropdown"',
    "toggleHint": 'dropdown"',
    "toggleOpenOnPrint": 'dropdown"',
    "design-tabs.js": "sd-tab-set",
}
# Inline scripts that need another one to be loaded before the page is read, for what we do not use.
UNUSED = ("DOCUMENTATION_OPTIONS.pagename", "DOCUMENTATION_OPTIONS.search_as_you_type")
# Files of the theme that no page of ours asks for.
UNUSED_FILES = ("**/*.map", "scripts/fontawesome.*", "scripts/bootstrap.*", "sphinx-thebe.*")

_URL = re.compile(r"""url\((['"]?)(?!data:|#|['"])([^)'"]+)\1\)""")
# What our styles of code show as they show the rest: names, punctuation, modules, white space.
# That is four of ten elements of a chapter, which every browser would lay out one by one.
PLAIN = ("n", "nn", "p", "w")
_PLAIN = re.compile(rf'<span class="(?:{"|".join(PLAIN)})">([^<]*)</span>')
_IMPORT = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMAGE = re.compile(r"<img\b[^>]*>")
_SIZE = re.compile(r'<svg\b[^>]*?\bheight="([\d.]+)pt"[^>]*?\bwidth="([\d.]+)pt"')

logger = logging.getLogger(__name__)


def _body_of(script: Any) -> str:
    return str(getattr(script, "attributes", {}).get("body") or "")


def is_needed(script: Any, page: str) -> bool:
    """Tell whether a page uses a script.

    Parameters:
        script: as Sphinx lists it.
        page: the page's HTML.
    """
    told = str(getattr(script, "filename", script) or "") + _body_of(script)
    if any(name in told for name in UNUSED):
        return False
    return all(sign in page for name, sign in NEEDED_BY.items() if name in told)


def choose_files(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Take off a page what it does not use, and let nothing hold up the text."""
    page = context.get("body") or ""
    scripts, seen = [], set()
    for script in context.get("script_files", []):
        key = (str(getattr(script, "filename", script)), _body_of(script))
        if key not in seen and is_needed(script, page):
            scripts.append(script)
            if not key[1] and hasattr(script, "attributes"):
                # All pages share these objects. The theme's search page starts the search before
                # deferred scripts are there.
                script.attributes.pop("defer", None)
                if pagename != "search":
                    script.attributes["defer"] = "defer"
        seen.add(key)
    context["script_files"] = scripts


def collect_sheets(
    sheets: list[str],
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: Any,
) -> None:
    """Note the sheets of the extensions."""
    for sheet in context.get("css_files", []):
        name = str(getattr(sheet, "filename", sheet)).split("?")[0].removeprefix("_static/")
        if name not in sheets and "thebe" not in name:
            sheets.append(name)


def size_images(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say how large each plot is, so that text does not jump, and load it when it comes near."""
    sources = {name: source for source, name in app.builder.images.items()}

    def sized(match: re.Match[str]) -> str:
        tag = match[0]
        name = re.search(r'src="[^"]*/([^"/]+\.svg)"', tag)
        source = Path(app.srcdir, sources.get(name[1], "")) if name else None
        if source and source.is_file() and " width=" not in tag and " style=" not in tag:
            size = _SIZE.search(source.read_text("utf-8")[:3000])
            if size:
                height, width = (round(float(points) * 4 / 3) for points in size.groups())
                tag = tag.replace("<img", f'<img width="{width}" height="{height}"', 1)
        return tag.replace("<img", '<img loading="lazy" decoding="async"', 1)

    if context.get("body"):
        context["body"] = _IMAGE.sub(sized, context["body"])


def thin_code(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Take off code the elements that change nothing."""
    if context.get("body"):
        context["body"] = _PLAIN.sub(r"\1", context["body"])


def _read_sheet(path: Path) -> str:
    """Return a style sheet, with the ones that it imports in place."""
    return _IMPORT.sub(
        lambda match: _read_sheet((path.parent / match[1]).resolve()), path.read_text("utf-8")
    )


def _embedded(text: str, folder: Path) -> str:
    """Return a sheet without references to files: drawings travel inside it."""

    def inside(match: re.Match[str]) -> str:
        file = folder / match[2].split("?")[0]
        if file.suffix != ".svg" or not file.is_file():
            return match[0]
        drawing = re.sub(r"\s+", " ", _COMMENT.sub("", file.read_text("utf-8")))
        for character in "%#<>\"'":
            drawing = drawing.replace(character, f"%{ord(character):02x}")
        return f'url("data:image/svg+xml,{drawing}")'

    return _URL.sub(inside, text)


def write_sheet(sheets: list[str], app: Sphinx, exception: Exception | None) -> None:
    """Write the one style sheet, made from all of them and from all pages."""
    if exception or app.builder.name != "html":
        return
    out, static = Path(app.outdir), Path(app.outdir, "_static")
    pages = [
        page.read_text("utf-8")
        for page in sorted(out.rglob("*.html"))
        if page.relative_to(out).parts[0] not in ("_static", "lite")
    ]
    # Sphinx copies them only when it has written a page.
    for folder in app.config.html_static_path:
        if Path(app.srcdir, folder).is_dir():
            shutil.copytree(Path(app.srcdir, folder), static, dirs_exist_ok=True)
    for pattern in UNUSED_FILES:
        for file in static.glob(pattern):
            file.unlink()
    scripts = [script.read_text("utf-8") for script in sorted(static.rglob("*.js"))]
    used = used_in(pages, scripts)
    # A build that finds all pages up to date writes none, and names no sheets.
    memory = Path(app.doctreedir, "sheets.json")
    if sheets:
        memory.write_text(json.dumps(sheets), "utf-8")
    names = json.loads(memory.read_text("utf-8"))
    # Pages name different sheets, in one order: ours comes last and has the last word.
    own = [sheet[0] if isinstance(sheet, tuple) else sheet for sheet in app.config.html_css_files]
    css = ""
    for name in (*THEME_SHEETS, *sorted(names, key=own.__contains__)):
        css += _embedded(purge(_read_sheet(static / name), used), (static / name).parent)
    # Without JavaScript nobody sets a theme: the light one is for all that is not dark.
    css = re.sub(r"""\[data-theme=(["']?)light\1\]""", ":not([data-theme=dark])", css)
    css = font_face(css, static) + css
    (static / SHEET).write_text(css, "utf-8")
    logger.info("style sheet: %.0f kB", len(css) / 1000)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; runs after every extension has added its files."""
    sheets: list[str] = []
    app.connect("html-page-context", size_images, priority=990)
    app.connect("html-page-context", thin_code, priority=990)
    app.connect("html-page-context", choose_files, priority=1000)
    app.connect("html-page-context", partial(collect_sheets, sheets), priority=1000)
    app.connect("build-finished", partial(write_sheet, sheets), priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
