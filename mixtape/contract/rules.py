"""What a rule is to pytest: a test in the folder of a level, with a sentence and a page."""

from pathlib import Path

import pytest

from .where import PAGES

FOLDER = Path(__file__).parent
LEVELS = tuple(sorted(path.parent.name for path in FOLDER.glob("*/__init__.py")))


def check_level(level: str) -> None:
    """Raise ValueError, naming the levels, when there is no such level."""
    if level not in LEVELS:
        raise ValueError(f"there is no level {level!r}; the levels are: {', '.join(LEVELS)}")


def sentence(item: pytest.Item) -> str:
    """Return the rule that a test checks: the first line of its docstring."""
    document = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    return str(document).strip().splitlines()[0]


def topic(item: pytest.Item) -> str:
    """Return the topic of the course that the rule belongs to; empty when it names none."""
    marker = item.get_closest_marker("where")
    return str(marker.args[0]) if marker else ""


def page(item: pytest.Item) -> str:
    """Return page and anchor of the course that explain the rule."""
    named = topic(item)
    return PAGES[named] if named else ""
