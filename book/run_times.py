"""Measure how long each notebook runs: ``python -m book.run_times [NOTEBOOK …]``.

Every notebook runs from top to bottom in a fresh kernel; the seconds, with the kernel's start, go
into data/run_times.json, which the page of all notebooks shows. Exercises are left out: they stop
at the first task. The notebooks themselves are not changed.
"""

import json
import os
import platform
import sys
import time

import nbformat
from nbclient import NotebookClient

from book.notebooks import ROOT, is_notebook, read_toc
from book.overview import RUN_TIMES

PATIENCE = 600  # seconds for one cell


def run(name: str) -> float:
    """Run one notebook and return the seconds that it took.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed that should not.
    """
    path = ROOT / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=PATIENCE, resources={"metadata": {"path": str(path.parent)}}
    )
    start = time.perf_counter()
    client.execute()
    return time.perf_counter() - start


def main() -> int:
    """Run the notebooks, note their times, and return the exit code."""
    asked = [name.removesuffix(".ipynb") for name in sys.argv[1:]]
    names = asked or [n for n in read_toc() if is_notebook(n) and not n.startswith("exercises/")]
    unknown = [name for name in names if not is_notebook(name)]
    if unknown:
        print(f"There is no notebook {unknown[0]}.ipynb in the course.", file=sys.stderr)
        return 1
    seconds = json.loads(RUN_TIMES.read_text("utf-8"))["seconds"] if RUN_TIMES.exists() else {}
    for name in names:
        print(f"{name} …", end=" ", flush=True)
        seconds[name] = round(run(name), 1)
        print(f"{seconds[name]} s", flush=True)
    record = {
        "machine": f"{platform.system()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}",
        "seconds": {name: seconds[name] for name in read_toc() if name in seconds},
    }
    RUN_TIMES.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
