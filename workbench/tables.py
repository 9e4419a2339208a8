"""Show a few rows of results as a table that reads well in a notebook, and aloud."""

from collections.abc import Mapping
from html import escape

_CELL = "text-align: left; padding: 0.25em 1em 0.25em 0"


class Table:
    """Rows with names, and columns with names. Jupyter shows it as HTML, Python as text."""

    def __init__(self, rows: Mapping[str, Mapping[str, object]]) -> None:
        """Keep the rows; see `table`."""
        self._columns = list(dict.fromkeys(name for row in rows.values() for name in row))
        self._rows = {
            name: [str(row.get(column, "")) for column in self._columns]
            for name, row in rows.items()
        }

    def __repr__(self) -> str:
        """Return the table as text, with its columns one below another."""
        lines = [["", *self._columns], *([name, *cells] for name, cells in self._rows.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = (zip(line, widths, strict=True) for line in lines)
        return "\n".join("  ".join(f"{text:<{n}}" for text, n in line).rstrip() for line in padded)

    def _repr_html_(self) -> str:
        """Return the table with headers for its rows and columns."""
        head = "".join(f'<th scope="col" style="{_CELL}">{escape(c)}</th>' for c in self._columns)
        body = "".join(
            f'<tr><th scope="row" style="{_CELL}">{escape(name)}</th>'
            + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in cells)
            + "</tr>"
            for name, cells in self._rows.items()
        )
        # The class keeps Jupyter from taking what stands between dollar signs for a formula.
        return (
            '<table class="tex2jax_ignore mathjax_ignore">'
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def table(rows: Mapping[str, Mapping[str, object]]) -> Table:
    """Return a table, which Jupyter shows when it is the last thing in a cell.

    Args:
        rows: for each row's name, what stands in its columns. A column that a row lacks is empty.

    Raises ValueError when there is no row.
    """
    if not rows:
        raise ValueError("a table needs at least one row")
    return Table(rows)
