"""Build the browser edition: `python -m book.browser [--output FOLDER]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from book.browser.pyodide import ProgramMissing
from book.browser.site import OUTPUT, ForeignAddress, build
from book.browser.wheels import WheelMissing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, or 1 when the site cannot be built."""
    parser = argparse.ArgumentParser(
        prog="python -m book.browser",
        description="Build the browser edition of the course, unless it is up to date.",
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    output: Path = parser.parse_args(arguments).output.absolute()
    try:
        made = build(output, lambda words: print(f"{words} ...", flush=True))
    except (WheelMissing, ProgramMissing, ForeignAddress, RuntimeError) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    print(f"{'The browser edition is in' if made else 'Nothing has changed in'} {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
