"""The normaliser of notebooks: `python -m grading.normalise [--verify] NOTEBOOK…`.

This is nbstripout with the course's settings, kept in one place. Outputs stay, because nbval
compares them, and so do execution counts, because nbval takes a cell without one for a cell that
never ran. What changes from one save to the next goes: random cell ids and the metadata of editors.
`--verify` changes nothing and exits with 1 if a notebook is not normalised.
"""

import subprocess
import sys
from collections.abc import Sequence

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
    """Normalise the notebooks in place, or only look; return nbstripout's exit code.

    Parameters:
        notebooks: paths of the notebooks.
        verify: change nothing; the exit code is 1 when a notebook would change.
    """
    command = [sys.executable, "-m", "nbstripout", *OPTIONS, *(["--verify"] if verify else [])]
    return subprocess.run([*command, *notebooks], check=False).returncode


if __name__ == "__main__":
    arguments = sys.argv[1:]
    raise SystemExit(
        normalise([a for a in arguments if a != "--verify"], verify="--verify" in arguments)
    )
