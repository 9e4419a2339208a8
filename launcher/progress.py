"""Text for people: lines that stay, and a status that is renewed in place on a terminal."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_COLOURS = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}


class Console:
    """Write to a stream in the way that suits it.

    On a terminal a status is one line renewed in place. Elsewhere (a file, a CI log) it is a
    plain line, at most one in `pause` seconds. Characters that the stream cannot show become
    question marks instead of an error.
    """

    def __init__(
        self,
        stream: "TextIO | None" = None,
        *,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Write to a stream.

        Parameters:
            stream: where to write; the process's stderr when not given.
            pause: seconds between two plain status lines.
            clock: gives seconds; replaced in tests.
        """
        self.stream = sys.stderr if stream is None else stream
        self.terminal = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self._pause = pause
        self._clock = clock
        self._next_status = clock() + pause
        self._shown = 0  # width of the status now on the screen
        # Older Windows consoles print colour codes as they are; Windows Terminal does not.
        can_colour = os.name != "nt" or "WT_SESSION" in os.environ
        self._colour = self.terminal and can_colour and not os.environ.get("NO_COLOR")

    def line(self, text: str = "") -> None:
        """Write a line that stays."""
        self.clear()
        self._write(text + "\n")

    def status(self, text: str) -> None:
        """Say what is going on right now; the next line or status takes its place."""
        if self.terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            self._write("\r" + text.ljust(self._shown))
            self._shown = len(text)
        elif self._clock() >= self._next_status:
            self._next_status = self._clock() + self._pause
            self._write(text + "\n")

    def clear(self) -> None:
        """Take the status off the screen."""
        if self._shown:
            self._write("\r" + " " * self._shown + "\r")
            self._shown = 0

    def coloured(self, text: str, colour: str) -> str:
        """Return the text with a colour ("bold", "red", "green", "yellow") if that is wanted."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self._colour else text

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            encoding = self.stream.encoding or "ascii"
            self.stream.write(text.encode(encoding, "replace").decode(encoding))
        self.stream.flush()


def seconds(duration: float) -> str:
    """Return a duration for people: ``41 s`` or ``3 min 5 s``."""
    whole = round(duration)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
