"""Measure the built pages with Lighthouse: ``python -m book.lighthouse [PAGE …]``.

It serves `_build/html` compressed and prints, for each page, the median of three runs on a phone
and on a desktop. The column "machine" is Lighthouse's own benchmark of the processor while it ran:
a busy machine has a low figure, and gives lower marks for performance.

Lighthouse 13 comes from npm, with Chromium as its browser:

    npm install --prefix _build/lighthouse lighthouse@13
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from book.chromium import HOW_TO_GET, find_chromium, options
from book.notebooks import ROOT
from book.server import HTML, serving

PAGES = (
    "chapters/index.html",
    "chapters/02_advantages/01_flask.html",
    "exercises/02_advantages/01_flask.html",
    "chapters/setup.html",
)
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
INSTALLED = ROOT / "_build" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
INSTALL = "npm install --prefix _build/lighthouse lighthouse@13"

Figures = dict[str, float]


def find_lighthouse() -> str | None:
    """Return the program, or None."""
    return str(INSTALLED) if INSTALLED.is_file() else shutil.which("lighthouse")


def measure(
    program: str, chromium: Path, address: str, *, desktop: bool
) -> tuple[Figures, list[str]]:
    """Run Lighthouse once.

    Returns:
        Scores from 0 to 100 by category, with the transferred KiB, and the titles of the audits
        outside performance that were not passed.

    Raises:
        RuntimeError: Lighthouse gave no report.
    """
    command = [program, address, "--quiet", "--output=json", "--output-path=stdout"]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--chrome-flags={' '.join(['--headless=new', *options()])}"]
    if desktop:
        command += ["--preset=desktop"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "CHROME_PATH": str(chromium)},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    figures: Figures = {
        name: 100 * (report["categories"][name]["score"] or 0) for name in CATEGORIES
    }
    audits = report["audits"]
    figures["machine"] = report["environment"]["benchmarkIndex"]
    figures["KiB"] = audits["total-byte-weight"]["numericValue"] / 1024
    failed = [
        audits[reference["id"]]["title"]
        for name in CATEGORIES[1:]
        for reference in report["categories"][name]["auditRefs"]
        if reference["weight"] and audits[reference["id"]]["score"] not in (None, 1)
    ]
    return figures, failed


def main() -> int:
    """Measure, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m book.lighthouse", description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="PAGE")
    parser.add_argument("--folder", type=Path, default=HTML, help="the built pages")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="runs of each")
    asked = parser.parse_args()
    program, chromium = find_lighthouse(), find_chromium()
    if not program:
        print(
            f"Lighthouse is needed, it measures the pages. Install it: {INSTALL}", file=sys.stderr
        )
        return 1
    if not chromium:
        print(
            f"Chromium is needed, Lighthouse loads the pages in it. {HOW_TO_GET}", file=sys.stderr
        )
        return 1
    print(f"| page | on | {' | '.join(CATEGORIES)} | machine | KiB |\n|---|---|{'---:|' * 6}")
    with serving(asked.folder) as address:
        for page in asked.pages:
            for desktop in (False, True):
                runs: list[Figures] = []
                for number in range(asked.runs):
                    print(f"{page}, run {number + 1} …", file=sys.stderr)
                    figures, failed = measure(program, chromium, address + page, desktop=desktop)
                    runs.append(figures)
                medians = [statistics.median(run[name] for run in runs) for name in runs[0]]
                cells = " | ".join(f"{median:.0f}" for median in medians)
                print(f"| {page} | {'desktop' if desktop else 'phone'} | {cells} |", flush=True)
                for title in failed:
                    print(f"  not passed: {title}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
