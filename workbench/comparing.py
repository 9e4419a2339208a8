"""Draw what the reader guessed beside what was measured."""

import io
import math
from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from typing import Any

from workbench.serving import notebook_names

_GREY = "#767676"  # readable on white and on black
_BLUE = "#3b7dd8"


def compare(
    guesses: Mapping[str, float], measured: Mapping[str, float], *, unit: str, title: str
) -> None:
    """Show guesses and measurements as bars, and print the same in a line of text.

    Args:
        guesses: for each thing that was measured, the guess.
        measured: for the same things, what came out.
        unit: what the numbers count, such as "requests a second".
        title: the question that the picture answers.

    Raises ValueError when the names differ or a number is missing, negative or not a number.
    """
    if set(guesses) != set(measured):
        odd = ", ".join(repr(name) for name in sorted(set(guesses) ^ set(measured)))
        raise ValueError(f"guesses and measurements must have the same names; these differ: {odd}")
    if not measured:
        raise ValueError("there is nothing to compare")
    for what, numbers in (("guess", guesses), ("measurement", measured)):
        for name, number in numbers.items():
            if not isinstance(number, (int, float)) or not 0 <= number < math.inf:
                raise ValueError(
                    f"the {what} for {name!r} is {number!r}; write a number that is 0 or more"
                )
    text = f"{title} ({unit}): " + "; ".join(
        f"{name}: guess {_words(guesses[name])}, measured {_words(number)}"
        for name, number in measured.items()
    )
    if notebook_names() is not None and find_spec("matplotlib"):  # browsers may lack it
        _show(_draw(guesses, measured, unit, title, text), text)
    print(text)


def _words(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _draw(
    guesses: Mapping[str, float], measured: Mapping[str, float], unit: str, title: str, text: str
) -> str:
    """Return the picture as SVG whose text stays text and whose background is transparent."""
    import matplotlib
    from matplotlib.figure import Figure

    names = list(measured)
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "workbench",
        "font.family": "sans-serif",
        "text.color": _GREY,
        "axes.labelcolor": _GREY,
        "axes.edgecolor": _GREY,
        "xtick.color": _GREY,
        "ytick.color": _GREY,
        "hatch.color": _GREY,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(7, 1.2 + 0.8 * len(names)), layout="constrained")
        axes = figure.add_subplot()
        middles = range(len(names))
        rows: Any = (
            (-0.2, guesses, "your guess", {"color": "none", "edgecolor": _GREY, "hatch": "///"}),
            (+0.2, measured, "measured", {"color": _BLUE, "edgecolor": _GREY}),
        )
        for shift, numbers, label, look in rows:
            bars = axes.barh(
                [middle + shift for middle in middles],
                [numbers[name] for name in names],
                height=0.36,
                label=label,
                **look,
            )
            axes.bar_label(bars, [_words(numbers[name]) for name in names], padding=4)
        axes.set_yticks(list(middles), names)
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.set_xlim(left=0)
        axes.set_xlabel(unit)
        axes.set_title(title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower right", ncols=2, frameon=False)
        picture = io.StringIO()
        figure.savefig(picture, format="svg", transparent=True, metadata={"Date": None})
    svg = picture.getvalue()
    svg = svg[svg.index("<svg") :]
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(text)}"', 1)


def _show(svg: str, text: str) -> None:
    from IPython.display import display

    display(  # type: ignore[no-untyped-call]
        {"image/svg+xml": svg, "text/plain": text},
        raw=True,
        metadata={"image/svg+xml": {"alt": text}},
    )
