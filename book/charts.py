"""A chart of guesses and measurements, as HTML: its figures come from the output of a notebook.

`workbench.compare` draws guesses beside measurements and writes both into the plot's text
alternative. That is where the figures are read, so that the page can never say others.
"""

import json
import re
from dataclasses import dataclass
from html import escape

from book.notebooks import ROOT

_TITLE = re.compile(r"^(?P<title>.+) \((?P<unit>[^()]+)\): (?P<rows>.+)$")
_ROW = re.compile(r"(?P<name>[^:;]+): guess (?P<guess>[\d.e+-]+), measured (?P<measured>[\d.e+-]+)")


@dataclass(frozen=True)
class Guesses:
    """One plot of guesses beside measurements.

    Attributes:
        title: what was measured.
        unit: of all figures.
        rows: name, guess and measurement of each bar.
    """

    title: str
    unit: str
    rows: tuple[tuple[str, float, float], ...]


def read_guesses(notebook: str, title: str) -> Guesses:
    """Read the figures of a plot in a notebook's committed outputs.

    Parameters:
        notebook: its path from the course's folder, without the suffix.
        title: of the plot.

    Raises:
        LookupError: there is no such plot.
    """
    cells = json.loads((ROOT / f"{notebook}.ipynb").read_text("utf-8"))["cells"]
    for cell in cells:
        for output in cell.get("outputs", []):
            text = output.get("metadata", {}).get("image/svg+xml", {}).get("alt", "")
            found = _TITLE.match(text)
            if found and found["title"] == title:
                rows = tuple(
                    (row["name"].strip(), float(row["guess"]), float(row["measured"]))
                    for row in _ROW.finditer(found["rows"])
                )
                return Guesses(title, found["unit"], rows)
    raise LookupError(f"{notebook}: no output has the plot {title!r}")


def draw(guesses: Guesses, caption: str) -> str:
    """Return the chart as HTML: a table whose bars are drawn by the style sheet.

    Parameters:
        caption: HTML, what one sees and where it comes from.
    """
    largest = max(max(guess, measured) for _, guess, measured in guesses.rows)
    rows = []
    for name, guess, measured in guesses.rows:
        cells = "".join(
            f"<td>{value:g}"
            f'<span class="bar {kind}" style="--share:{value / largest:.3f}"></span></td>'
            for kind, value in (("guess", guess), ("measured", measured))
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return (
        '<figure class="guesses"><table>'
        f"<caption>{escape(guesses.title)}, {escape(guesses.unit)}</caption>"
        '<thead><tr><th scope="col">framework</th><th scope="col">guess</th>'
        f'<th scope="col">measured</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
