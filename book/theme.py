"""Sphinx extension: repairs of the theme that no option of Jupyter Book reaches."""

from sphinx.application import Sphinx
from sphinx.config import Config


def one_search_box(app: Sphinx, config: Config) -> None:
    """Drop the second search box: its hidden toggle breaks the menu on narrow screens."""
    config.html_theme_options["navbar_persistent"] = []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("config-inited", one_search_box)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
