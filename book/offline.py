"""Sphinx extension: a page asks no other host for anything.

Jupyter Book adds scripts from content delivery networks (MathJax, thebe, widgets) to every page,
whether the page needs them or not. Nothing in this course needs them.
"""

from typing import Any

from sphinx.application import Sphinx


def is_foreign(script: Any) -> bool:
    """Tell whether a script comes from another host, or belongs to thebe, which we do not use."""
    address = str(getattr(script, "filename", script) or "")
    body = str(getattr(script, "attributes", {}).get("body", ""))
    return address.startswith(("http://", "https://", "//")) or "thebe" in (address + body).lower()


def drop_foreign_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Keep only our own scripts on the page that is about to be written."""
    context["script_files"] = [s for s in context.get("script_files", []) if not is_foreign(s)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; runs late, after every extension has added its scripts."""
    app.connect("html-page-context", drop_foreign_scripts, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
