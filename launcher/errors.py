"""Errors that a learner can act on, and the reading of an installer's output for them."""

import re
from collections.abc import Sequence


class CourseError(Exception):
    """Something is wrong that the person at the keyboard can mend.

    Its text says in one or two sentences what is wrong and what to do. ``course.py`` prints
    the text without a traceback and ends with exit code 2.
    """


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal other than Ctrl-C."""

    def __init__(self, number: int) -> None:
        """Keep the signal's number: the exit code becomes 128 + number."""
        super().__init__(f"signal {number}")
        self.number = number


_NO_SPACE = (
    "The disk is full: free some space where the course is, then run the command again "
    "(it cleans up after itself)."
)
_IN_USE = (
    "Files in .venv are in use or may not be changed. Close JupyterLab and every terminal or "
    "editor that uses the course, then run the command again."
)
_NO_ENSUREPIP = (
    "This Python cannot make a virtual environment: its venv or ensurepip module is missing. "
    "On Debian and Ubuntu: sudo apt install python3-venv; elsewhere install Python from python.org."
)
_CERTIFICATE = (
    "The package index's certificate was not accepted, which often means a company proxy. "
    "Ask for its certificate file and name it in SSL_CERT_FILE and PIP_CERT, then try again."
)
_NO_NETWORK = (
    "The package index could not be reached. Check the network connection, or the proxy and "
    "index settings of {tool}, then run the command again."
)
_NOT_FOUND = (
    "The package index of {tool} could not be reached, or it has no fitting version of a package "
    "of the course (an index of your own may be incomplete). See the log: {log}"
)
_COMPILER = (
    "A package had to be compiled and that failed: there is no ready-made file of it for this "
    "Python and system. Try another Python from 3.11 to 3.14; see the log: {log}"
)

# In this order: a full disk also shows as a failed build, a refused connection as "not found".
# The numbers are the operating system's own, because the words are translated on some systems.
_CAUSES: Sequence[tuple[str, str]] = (
    (r"No space left on device|Errno 28\b|os error 28\b", _NO_SPACE),
    (r"Disk quota exceeded|Errno 122\b|WinError 112\b|os error 112\b", _NO_SPACE),
    (r"Permission denied|Access is denied|being used by another process", _IN_USE),
    (r"WinError (?:5|32)\b|os error (?:5|13|32)\b|Errno 13\b", _IN_USE),
    (r"ensurepip is not\s+available|No module named '?(?:venv|ensurepip)", _NO_ENSUREPIP),
    (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer", _CERTIFICATE),
    (
        r"NewConnectionError|Failed to establish a new connection|Max retries exceeded"
        r"|ConnectTimeout|Read timed out|Temporary failure in name resolution|ProxyError"
        r"|client error \(Connect\)|error sending request|dns error|tcp connect error"
        r"|operation timed out|Network connectivity is disabled|Network is unreachable",
        _NO_NETWORK,
    ),
    (
        r"No matching distribution found|No solution found|was not found in the (?:package "
        r"registry|cache|provided)|HTTP status client error|has no wheels with a matching",
        _NOT_FOUND,
    ),
    (r"Microsoft Visual C\+\+|Failed building wheel|Failed to build|command '.*cc", _COMPILER),
)


def diagnose(output: str, *, tool: str, log: str) -> str | None:
    """Say what an installer's output means, for the causes that are known.

    Parameters:
        output: what the installer printed (its last part is enough).
        tool: ``"pip"`` or ``"uv"``, named in the advice.
        log: the place of the full log, named in the advice.

    Returns:
        One or two sentences, or None for a cause that is not known.
    """
    for pattern, sentence in _CAUSES:
        if re.search(pattern, output):
            return sentence.format(tool=tool, log=log)
    return None


def is_network_trouble(sentence: str | None) -> bool:
    """Tell whether a sentence of `diagnose` is the one about the network."""
    return sentence is not None and sentence.startswith(_NO_NETWORK.partition("{")[0])


NO_SPACE = _NO_SPACE
IN_USE = _IN_USE
