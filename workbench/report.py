"""What the contract found, as text and as an HTML table."""

import html
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
        left = 'style="text-align: left; vertical-align: top"'
        plain = 'style="text-align: left; vertical-align: top; font-weight: normal"'
        heads = ["Result", "Rule"] + ["What happened"] * bool(self._has_details())
        rows = ["".join(f'<th scope="col" {left}>{head}</th>' for head in heads)]
        for result in self.results:
            sign, word = _MARKS[result.outcome]
            row = (
                f'<td {left}>{sign} {word}</td><th scope="row" {plain}>{_escape(result.rule)}</th>'
            )
            if self._has_details():
                details = [f"<b>{name}</b> {_escape(text)}" for name, text in _details(result)]
                row += f"<td {left}>{'<br>'.join(details)}</td>"
            rows.append(row)
        head, *body = (f"<tr>{row}</tr>" for row in rows)
        note = f"<p>{_escape(self.note)}</p>" if self.note else ""
        return (
            f"<table><caption {left}>{_escape(self.title)}</caption>"
            f"<thead>{head}</thead><tbody>{''.join(body)}</tbody></table>{note}"
        )

    def _has_details(self) -> bool:
        return any(_details(result) for result in self.results)


def _details(result: RuleResult) -> list[tuple[str, str]]:
    if result.outcome == "passed":
        return []
    if result.outcome == "skipped":
        return [("because", result.got)]
    return [
        ("sent", result.sent),
        ("expected", result.expected),
        ("got", result.got),
        ("read", result.where),
    ]


def _escape(text: str) -> str:
    # JupyterLab would set what stands between two dollar signs as a formula.
    return html.escape(text).replace("$", "&#36;")
