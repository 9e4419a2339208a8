"""Write the lock files from pyproject.toml: `python requirements/compile.py` (needs uv).

Each lock is complete for one kind of use (the learner's packages and those of its extras), holds
for Python 3.11 to 3.14 on Linux, macOS and Windows, and ends in `-e .`, this project itself. The
learner's lock is made first and bounds the others, so that a package has one version everywhere.
To take newer versions, pass `--upgrade`.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEARN = Path("requirements.txt")
LOCKS = {
    LEARN: (),
    Path("requirements/book.txt"): ("book",),
    Path("requirements/grading.txt"): ("grading",),
    Path("requirements/test.txt"): ("test",),
}
HEADER = """\
# Locked for Python 3.11 to 3.14 on every system by `python requirements/compile.py`.
# Do not edit: change a range in pyproject.toml and run that command again.
"""


def compile_lock(lock: Path, extras: tuple[str, ...], options: list[str]) -> None:
    """Resolve pyproject.toml with `extras` and write `lock`; raises CalledProcessError."""
    command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
    command += ["--no-header", "--no-annotate", "--quiet", "--output-file", str(lock), *options]
    for extra in extras:
        command += ["--extra", extra]
    if lock != LEARN:
        command += ["--constraint", str(LEARN)]
    # `-e .` is ours to add, and is no constraint for the others to read
    bare(lock)
    subprocess.run(command, cwd=ROOT, check=True)


def bare(lock: Path) -> None:
    """Leave only the pins in a lock file, which is what uv reads its preferences from."""
    path = ROOT / lock
    if path.exists():
        pins = [line for line in path.read_text("utf-8").splitlines() if "==" in line]
        path.write_text("\n".join(pins) + "\n", "utf-8")


def finish(lock: Path) -> None:
    """Put the header above the pins and this project below them; drop what pyproject excludes."""
    path = ROOT / lock
    pins = [line for line in path.read_text("utf-8").splitlines() if "'never'" not in line]
    path.write_text("\n".join([HEADER.rstrip(), *pins, "-e .\n"]), "utf-8")


if __name__ == "__main__":
    for lock, extras in LOCKS.items():
        compile_lock(lock, extras, sys.argv[1:])
    for lock in LOCKS:
        finish(lock)
        print(lock)
