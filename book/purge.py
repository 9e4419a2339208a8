"""Keep of a style sheet only what can match something on the pages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tinycss2

_TAG = re.compile(r"<([a-zA-Z][\w-]*)")
_ATTRIBUTE = re.compile(r"""\b(?:class|id)=(?:"([^"]*)"|'([^']*)')""")
_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NESTING = ("media", "supports", "layer")


@dataclass(frozen=True)
class Used:
    """What pages consist of.

    Attributes:
        tags: names of elements, in small letters.
        names: classes and ids.
    """

    tags: frozenset[str]
    names: frozenset[str]


def used_in(pages: Iterable[str], scripts: Iterable[str]) -> Used:
    """Collect what pages use.

    Parameters:
        pages: the HTML of all pages.
        scripts: the JavaScript that may add to them; any word in it counts as used, as does one in
            a script inside a page.
    """
    tags, names, inside = {"html", "body", "dialog"}, set[str](), list[str]()
    for page in pages:
        tags |= {tag.lower() for tag in _TAG.findall(page)}
        for double, single in _ATTRIBUTE.findall(page):
            names |= set((double or single).split())
        inside += _SCRIPT.findall(page)
    for script in (*scripts, *inside):
        words = set(_WORD.findall(script))
        names |= words
        tags |= words
    return Used(frozenset(tags), frozenset(names))


def _selectors(prelude: list[Any]) -> Iterator[list[Any]]:
    """Split at the commas."""
    selector: list[Any] = []
    for part in prelude:
        if part == ",":
            yield selector
            selector = []
        else:
            selector.append(part)
    yield selector


def _can_match(selector: list[Any], used: Used) -> bool:
    """Tell whether every element, class and id that a selector names is there.

    What stands in brackets and in functions such as ``:not(…)`` is taken to match.
    """
    before = ""
    for token in selector:
        if token.type == "hash" or (token.type == "ident" and before == "."):
            if token.value not in used.names:
                return False
        elif token.type == "ident" and before != ":" and token.lower_value not in used.tags:
            return False
        before = token.value if token.type == "literal" else token.type
    return True


def _rules(rules: list[Any], used: Used) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [
                tinycss2.serialize(selector).strip()
                for selector in _selectors(rule.prelude)
                if _can_match(selector, used)
            ]
            if kept:
                yield f"{','.join(kept)}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTING and rule.content:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            body = "".join(_rules(inner, used))
            if body:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword not in ("font-face", "charset"):
            yield rule.serialize()
        elif rule.type == "error":
            raise ValueError(f"the style sheet cannot be read: {rule.message}")


def purge(css: str, used: Used) -> str:
    """Return the rules of a style sheet that can match; its fonts are left out.

    Raises:
        ValueError: the style sheet cannot be read.
    """
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return re.sub(r"\s+", " ", "".join(_rules(rules, used)))
