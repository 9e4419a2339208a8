"""The normaliser of notebooks: `python -m grading.normalise [--verify] NOTEBOOK…`.

This is nbstripout with the course's settings, kept in one place. Outputs stay, because nbval
compares them, and so do execution counts, because nbval takes a cell without one for a cell that
never ran. What changes from one run or save to the next goes: random cell ids, the metadata of
editors, and where the kernel happened to cut what a cell printed into pieces. `--verify` changes
nothing and exits with 1 if a notebook is not normalised.
"""

import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat import NotebookNode

# What nbstripout takes away besides what it always does, in its own spelling.
EXTRA_KEYS = (
    "metadata.language_info",
    "metadata.jupytext",
    "metadata.widgets",
    "cell.metadata.execution",
    "cell.metadata.jp-MarkdownHeadingCollapsed",
    "cell.metadata.vscode",
)
OPTIONS = ("--keep-output", "--keep-count", "--unix-newlines", "--extra-keys", " ".join(EXTRA_KEYS))


def normalise(notebooks: Sequence[str], *, verify: bool = False) -> int:
    """Normalise the notebooks in place, or only look; return an exit code.

    Parameters:
        notebooks: paths of the notebooks.
        verify: change nothing; the exit code is 1 when a notebook would change.
    """
    cut = [path for path in notebooks if has_pieces(nbformat.read(path, as_version=4))]
    for path in cut:
        if verify:
            print(f"{path}: what a cell printed is cut into pieces")
        else:
            join_pieces(Path(path))
    command = [sys.executable, "-m", "nbstripout", *OPTIONS, *(["--verify"] if verify else [])]
    code = subprocess.run([*command, *notebooks], check=False).returncode
    return code or int(verify and bool(cut))


def same_stream(first: NotebookNode, second: NotebookNode) -> bool:
    """Tell whether two outputs are pieces of one stream of text, such as stdout."""
    both = first.output_type == second.output_type == "stream"
    return both and bool(first.name == second.name)


def has_pieces(notebook: NotebookNode) -> bool:
    """Tell whether a cell's printed text stands in several outputs."""
    outputs = (cell.get("outputs", []) for cell in notebook.cells)
    return any(same_stream(*pair) for one in outputs for pair in pairwise(one))


def join_pieces(path: Path) -> None:
    """Join neighbouring pieces of printed text, in place."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        joined: list[NotebookNode] = []
        for output in cell.get("outputs", []):
            if joined and same_stream(joined[-1], output):
                joined[-1].text += output.text
            else:
                joined.append(output)
        if "outputs" in cell:
            cell.outputs = joined
    nbformat.write(notebook, path)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    raise SystemExit(
        normalise([a for a in arguments if a != "--verify"], verify="--verify" in arguments)
    )
