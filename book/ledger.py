"""Write chapters/ledger.md from data/claims.yml: `python -m book.ledger`, or `--verify` to compare.

The ledger is a plain Markdown page and not a Sphinx directive, so that it reads the same in
JupyterLab as in the book.
"""

import sys
from pathlib import Path
from typing import TypedDict

import yaml

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "data" / "claims.yml"
LEDGER = ROOT / "chapters" / "ledger.md"

SECTIONS = {
    1: "Python's role",
    2: "Advantages",
    3: "Limitations",
    4: "Python against other languages",
    5: "Real-world examples",
    6: "Tools and frameworks",
    7: "Future scope",
    9: "Questions",
}
KINDS = {
    "measure": "measured on your machine",
    "source": "held against what the company or project says itself",
    "opinion": "weighed by criteria that you set",
}
INTRODUCTION = """\
<!-- Written by `python -m book.ledger` from data/claims.yml. Do not edit this page. -->

# The ledger: every claim on trial

The article makes these claims. Each stands here in our words, with the chapter that tries it and,
once it has been tried, the verdict. A verdict says what was measured, where it holds and where it
does not. You may come to another one on your machine: the chapters are built so that you can.
"""


class Claim(TypedDict, total=False):
    """One row of data/claims.yml."""

    id: str
    section: int
    notebook: str
    kind: str
    claim: str
    known: str
    verdict: str


def read_claims() -> list[Claim]:
    """Return the claims in the file's order.

    Raises:
        ValueError: a claim has no verdict although its chapter exists, or an unknown kind.
    """
    claims: list[Claim] = yaml.safe_load(CLAIMS.read_text("utf-8"))
    for claim in claims:
        if claim["kind"] not in KINDS:
            raise ValueError(f"claim {claim['id']}: kind must be one of {', '.join(KINDS)}")
        if notebook_of(claim).exists() != ("verdict" in claim):
            raise ValueError(f"claim {claim['id']}: a verdict and its chapter come together")
    return claims


def notebook_of(claim: Claim) -> Path:
    """Return where the chapter that tries the claim stands, or will stand."""
    return ROOT / "chapters" / f"{claim['notebook']}.ipynb"


def heading(claim: Claim) -> str:
    """Return a heading whose anchor is the claim's id."""
    words = claim["id"].replace("-", " ")
    return words[0].upper() + words[1:]


def entry(claim: Claim) -> str:
    """Return one claim as Markdown."""
    where = claim["notebook"]
    lines = [f"### {heading(claim)}", "", f"*{claim['claim']}.*", ""]
    if "verdict" in claim:
        lines += [
            f"- Tried in [{where}]({where}.ipynb), {KINDS[claim['kind']]}.",
            f"- **Verdict:** {claim['verdict']}",
        ]
    else:
        lines += [f"- To be tried in `{where}`, {KINDS[claim['kind']]}."]
    return "\n".join([*lines, ""])


def render(claims: list[Claim]) -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for number, title in SECTIONS.items():
        parts.append(f"## {number} · {title}\n")
        parts += [entry(claim) for claim in claims if claim["section"] == number]
    return "\n".join(parts)


def main() -> int:
    """Write the ledger, or compare it; return the exit code."""
    page = render(read_claims())
    if "--verify" not in sys.argv:
        LEDGER.write_text(page, "utf-8")
    elif not LEDGER.exists() or LEDGER.read_text("utf-8") != page:
        print("chapters/ledger.md is not what data/claims.yml says: run `python -m book.ledger`")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
