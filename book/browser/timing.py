"""Measure how long a reader waits for the first answer of Flask: `python -m book.browser.timing`.

From the click on "Run in the browser", which opens a page, until a cell that makes a Flask app,
serves it and asks it once shows the answer. Cold: the reader has never been here. Warm: the same
browser comes back.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from playwright.sync_api import BrowserContext, sync_playwright

from book.browser.site import OUTPUT, build
from book.browser.wheels import ROOT, recipe
from book.chromium import HOW_TO_GET, find_chromium, options
from book.server import serving

RESULT = ROOT / "data" / "browser_timing.json"
NOTEBOOK = "chapters/02_advantages/01_flask.ipynb"
CELL = """
from flask import Flask
from workbench import connect

app = Flask("first")

@app.get("/")
def hello():
    return "the first answer"

print(connect(app).get("/").text)
"""
_ASK = """async code => {
    const view = window.jupyterapp.shell.currentWidget;
    await view.sessionContext.ready;
    const request = view.sessionContext.session.kernel.requestExecute({ code });
    return await new Promise(resolve => {
        request.onIOPub = ({ header, content }) => {
            if (header.msg_type === "stream") resolve(content.text);
            if (header.msg_type === "error") resolve(content.evalue);
        };
    });
}"""
_LOADED = """() => ["navigation", "resource"]
    .flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""
_OPEN = "window.jupyterapp?.shell.currentWidget?.context?.isReady"


def first_answer(context: BrowserContext, address: str) -> tuple[float, int]:
    """Return the seconds from the opening of the notebook to Flask's answer, and the bytes loaded.

    Raises RuntimeError when something else is answered.
    """
    page = context.new_page()
    page.set_default_timeout(120_000)
    begun = time.perf_counter()
    page.goto(f"{address}lab/index.html?path={NOTEBOOK}")
    page.wait_for_function(_OPEN)
    answer = page.evaluate(_ASK, CELL)
    seconds = time.perf_counter() - begun
    loaded = page.evaluate(_LOADED) + sum(worker.evaluate(_LOADED) for worker in page.workers)
    page.close()
    if answer.strip() != "the first answer":
        raise RuntimeError(f"the cell answered: {answer}")
    return seconds, loaded


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write the result; returns 0, or 1 without Chromium."""
    parser = argparse.ArgumentParser(prog="python -m book.browser.timing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="readers (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=RESULT, help="default: %(default)s")
    given = parser.parse_args(arguments)
    program = find_chromium()
    if program is None:
        print(f"Chromium is needed to measure. {HOW_TO_GET}", file=sys.stderr)
        return 1
    busy = psutil.cpu_percent(interval=2) > 20
    if busy:
        print("Other programs keep this machine busy: the times will be too long.", file=sys.stderr)
    build(OUTPUT, lambda words: print(f"{words} ...", flush=True))
    cold, warm, loaded, version = [], [], 0, ""
    with serving(OUTPUT) as address, sync_playwright() as playwright:
        for number in range(given.rounds):
            # A profile on disk, as readers have: it keeps files and compiled code.
            with TemporaryDirectory() as profile:
                context = playwright.chromium.launch_persistent_context(
                    profile, executable_path=program, args=options()
                )
                seconds, loaded = first_answer(context, address)
                cold.append(seconds)
                warm.append(first_answer(context, address)[0])
                version = context.browser.version if context.browser else version
                context.close()
            print(f"reader {number + 1}: cold {cold[-1]:.1f} s, warm {warm[-1]:.1f} s", flush=True)
    machine = f"{platform.system()}, {os.cpu_count()} processors, Chromium {version}"
    result = {
        "cold_seconds": round(statistics.median(cold), 1),
        "warm_seconds": round(statistics.median(warm), 1),
        "cold_megabytes": round(loaded / 1e6),
        "rounds": given.rounds,
        "pyodide": recipe()["pyodide"],
        "machine": machine + (", busy with other programs" if busy else ""),
    }
    given.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(f"median: cold {result['cold_seconds']} s, warm {result['warm_seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
