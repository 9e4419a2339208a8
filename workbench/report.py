"""What the contract found, as text and as an HTML table."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixtape.contract.runner import RuleResult

# A sign and a word each: nobody has to tell colours apart.
_MARKS = {
    "passed": ("✔", "holds"),
    "failed": ("✘", "broken"),
    "error": ("✘", "not tested"),
    "skipped": ("–", "skipped"),
}

_CELL = "text-align: left; vertical-align: top; padding: 0.25em 1em 0.25em 0"

# A page for people says nothing here that its status has not said, and takes five lines to do so.
_PAGE = re.compile(r"(text/html[^<]*)<.*", re.DOTALL)


@dataclass(frozen=True)
class Report:
    """The results of one check; Jupyter shows it as a table.

    Attributes:
        level: the level of the contract.
        results: what each rule gave, in the order of the course.
        note: a remark to be shown under the rules, or nothing.
    """

    level: str
    results: Sequence[RuleResult]
    note: str = ""

    @property
    def broken(self) -> list[RuleResult]:
        """The rules that do not hold."""
        return [result for result in self.results if result.outcome in ("failed", "error")]

    @property
    def title(self) -> str:
        """The outcome in one line."""
        holding = sum(result.outcome == "passed" for result in self.results)
        count = len(self.results)
        rules = f"{holding} of {count} rules hold" if count != 1 else f"{holding} of 1 rule holds"
        return f"Mixtape contract, level {self.level}: {rules}"

    def __str__(self) -> str:
        """Return the report as text, in lines."""
        lines = [self.title, ""]
        for result in self.results:
            sign, word = _MARKS[result.outcome]
            lines.append(f"{sign} {word:<10} {result.rule}")
            lines += [f"    {name + ':':<10} {text}" for name, text in _details(result)]
        return "\n".join([*lines, "", self.note] if self.note else lines)

    # Jupyter keeps this beside the table, for those who see no HTML.
    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the report as a table that needs neither colours nor a light background."""
        heads = ("Result", "Rule")
        head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in heads)
        rows = "".join(map(_rows, self.results))
        note = f"<p>{html.escape(self.note)}</p>" if self.note else ""
        # The class keeps Jupyter from taking what stands between dollar signs for a formula.
        return (
            '<table class="tex2jax_ignore mathjax_ignore">'
            f'<caption style="{_CELL}">{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"
        )


def _rows(result: RuleResult) -> str:
    """Return the row of a rule, and below it the row that says what happened, if it was broken."""
    sign, word = _MARKS[result.outcome]
    rows = (
        f'<tr><td style="{_CELL}; white-space: nowrap">{sign} {word}</td>'
        f'<th scope="row" style="{_CELL}; font-weight: normal">{html.escape(result.rule)}</th></tr>'
    )
    details = [f"<b>{name}</b> {html.escape(text)}" for name, text in _details(result)]
    if details:
        style = f"{_CELL}; overflow-wrap: anywhere; padding-left: 2em"
        rows += f'<tr><td></td><td style="{style}">{"<br>".join(details)}</td></tr>'
    return rows


def _details(result: RuleResult) -> list[tuple[str, str]]:
    if result.outcome == "passed":
        return []
    if result.outcome == "skipped":
        return [("because", result.got)]
    return [
        ("sent", result.sent),
        ("expected", result.expected),
        ("got", _PAGE.sub(r"\1(an HTML page)", result.got)),
        ("read", result.where),
    ]
