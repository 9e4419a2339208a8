"""The icons that the pages use, as a font that travels inside the style sheet."""

import base64
import io
import logging
import re
from pathlib import Path

from fontTools import subset, ttLib

# The theme's icons come from the solid style of Font Awesome.
FONT = Path("vendor", "fontawesome", "webfonts", "fa-solid-900.ttf")
_ESCAPED = re.compile(r"\\([ef][0-9a-f]{3})\b")


def font_face(css: str, static: Path) -> str:
    """Return a ``@font-face`` rule with exactly the icons that a style sheet names.

    Parameters:
        css: rules such as ``.fa-sun{--fa:"\\f185"}``.
        static: the folder of the theme's files.
    """
    wanted = {int(code, 16) for code in _ESCAPED.findall(css)}
    wanted |= {ord(character) for character in css if "\ue000" <= character <= "\uf8ff"}
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 13, 14])
    with ttLib.TTFont(static / FONT, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        font.flavor = "woff"  # its compression is part of Python
        file = io.BytesIO()
        font.save(file)
    data = base64.b64encode(file.getvalue()).decode()
    return (
        "@font-face{font-family:'Font Awesome 6 Free';font-weight:900;font-display:block;"
        f"src:url(data:font/woff;base64,{data})}}"
    )
