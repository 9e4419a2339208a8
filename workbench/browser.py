"""What is different where Python runs in the page: no sockets, no threads, no processes.

`activate` is called once, when the kernel of the browser edition starts. From then on imports load
their packages, cells that need a real machine say so, and so does whatever else cannot be done.
"""

import sys
from collections.abc import Callable
from typing import Any

IN_BROWSER = sys.platform == "emscripten"
"""Whether this is the browser edition."""

DESKTOP_CELL = "desktop"  # the tag of such cells
SKIPPED = (
    "This cell runs on your machine only: it needs sockets, threads, processes or a package that "
    "Python in a browser does not have."
)


class NotInBrowser(RuntimeError):  # noqa: N818 (it reads as a sentence)
    """Something was asked for that Python in a browser cannot do."""

    def __init__(self, what: str) -> None:
        """Say that `what`, a word or two in the plural, cannot be had here."""
        super().__init__(
            f"Python in a browser has no {what}: run this notebook on your machine "
            "(python course.py learn)."
        )

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows: one line, as the place in the code explains nothing."""
        return [f"{type(self).__name__}: {self}"]


def refuse(what: str) -> None:
    """Raise NotInBrowser in the browser edition; elsewhere do nothing."""
    if IN_BROWSER:
        raise NotInBrowser(what)


def activate() -> None:
    """Prepare the kernel of the browser edition. Called by browser_startup.py."""
    from IPython import get_ipython

    from workbench import browser_imports

    # The notebook's own folder comes last: each look into it takes a request to the page.
    sys.path[:] = [*filter(None, sys.path), ""]
    browser_imports.install()
    _say_what_is_missing()
    read_deep_json_in_python()
    prepare(get_ipython())


def prepare(shell: Any) -> None:
    """Teach IPython's shell what that of ipykernel knows: its request, and names of errors.

    Cells with the tag "desktop" are replaced by a sentence, so that "run all cells" goes on.
    """
    shell.get_parent = shell.kernel.get_parent
    shell.Completer.use_jedi = False  # slow here, and the site does without its data
    shell.input_transformers_cleanup.insert(0, _replaced_if_desktop(shell))
    shown = shell._showtraceback

    def show(kind: type[BaseException], error: BaseException, lines: list[str]) -> None:
        shown(kind, error, lines)
        shell._last_traceback["ename"] = kind.__name__  # without <class '…'> around it

    shell._showtraceback = show


def _replaced_if_desktop(shell: Any) -> Callable[[list[str]], list[str]]:
    def replaced(lines: list[str]) -> list[str]:
        metadata = (shell.get_parent() or {}).get("metadata") or {}
        return [f"print({SKIPPED!r})\n"] if DESKTOP_CELL in metadata.get("tags", ()) else lines

    return replaced


def read_deep_json_in_python(brackets: int = 1000) -> None:
    """Let JSON with more than `brackets` opening brackets be read by the module's Python code.

    The code in C goes deeper with each of them, and the stack of a browser ends before Python
    would raise RecursionError: the page's Python would be lost.
    """
    import json.decoder
    import json.scanner

    scanner: Any = json.scanner

    def make_scanner(context: Any) -> Callable[[str, int], Any]:
        fast = scanner.c_make_scanner(context)
        slow = scanner.py_make_scanner(context)

        def scan_once(text: str, place: int) -> Any:
            deep = text.count("[") + text.count("{") > brackets
            return (slow if deep else fast)(text, place)

        return scan_once

    scanner.make_scanner = make_scanner
    json._default_decoder = json.decoder.JSONDecoder()  # type: ignore[attr-defined]


def _say_what_is_missing() -> None:
    """Let threads, processes and sockets be refused in our words, wherever they are asked for."""
    import socket
    import subprocess
    import threading

    def refusing(what: str) -> Callable[..., Any]:
        def refused(*args: object, **more: object) -> Any:
            raise NotInBrowser(what)

        return refused

    threading.Thread.start = refusing("threads")  # type: ignore[method-assign]
    subprocess.Popen.__init__ = refusing("processes")  # type: ignore[method-assign]
    for method in ("bind", "connect", "connect_ex", "listen"):
        setattr(socket.socket, method, refusing("sockets"))
