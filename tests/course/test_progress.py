"""Progress suits the stream: renewed in place on a terminal, plain and rare elsewhere."""

import io
import sys

import pytest

from launcher.progress import Console, seconds


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_one_status_in_place(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    console = Console(stream)
    console.status("a rather long status of this")
    console.status("short")
    console.line("done")
    first, second, third, last = stream.getvalue().split("\r")[1:]
    assert first == "a rather long statu"
    assert second == "short".ljust(19)
    assert third.strip() == ""
    assert last == "done\n"


def test_a_log_gets_a_plain_line_now_and_then():
    now = [0.0]
    stream = io.StringIO()
    console = Console(stream, pause=5, clock=lambda: now[0])
    for _ in range(12):
        now[0] += 1
        console.status(f"at {now[0]:.0f}")
    assert stream.getvalue() == "at 5\nat 10\n"


def test_a_console_that_knows_few_characters_gets_question_marks():
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, encoding="ascii"))
    console.line("10 µs · ✔")
    assert raw.getvalue().replace(b"\r\n", b"\n") == b"10 ?s ? ?\n"


@pytest.mark.parametrize(
    ("stream", "no_colour", "coloured"),
    [(Terminal(), "", True), (Terminal(), "1", False), (io.StringIO(), "", False)],
)
def test_colour_only_on_a_terminal_and_only_if_wanted(monkeypatch, stream, no_colour, coloured):
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.setenv("TERM", "xterm")
    if sys.platform == "win32":
        monkeypatch.setenv("WT_SESSION", "1")
    assert ("\x1b" in Console(stream).coloured("missing", "red")) is coloured


def test_durations():
    assert seconds(41.2) == "41 s"
    assert seconds(185) == "3 min 5 s"
