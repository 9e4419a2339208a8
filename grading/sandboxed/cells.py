"""Runs cells as a Jupyter kernel would, and gives their outputs in nbformat's form.

It is the shell that Jupyter's kernel has inside, without the kernel around it: nobody has to be
asked over five sockets, and a start costs a third.
"""

import io
import signal
import sys
from types import FrameType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

SHOWN = ("text/plain", "image/png")  # what a feedback page may show of a stranger's cell

Output = dict[str, Any]


class TimeUp(BaseException):  # no Exception: `except Exception` lets it pass
    """A cell has run for too long."""


class Cells:
    """A shell, and the outputs of its present cell.

    Args:
        names: what the cells find defined at their start.
        most: characters of output that are kept of all cells together.
    """

    def __init__(self, names: dict[str, Any], most: int = 1_000_000) -> None:
        """Start the shell."""
        self.left = most
        self.outputs: list[Output] = []
        outer = self

        class Hook(DisplayHook):
            def __call__(self, result: Any = None) -> None:
                # As the shell's own, with the result kept in place of printed.
                self.check_for_underscore()
                if result is None or self.quiet():
                    return
                data, _ = outer.shell.display_formatter.format(result)
                self.update_user_ns(result)
                self.fill_exec_result(result)
                outer.keep(
                    {
                        "output_type": "execute_result",
                        "execution_count": self.prompt_count,
                        "data": _shown(data),
                        "metadata": {},
                    }
                )

        class Publisher(DisplayPublisher):
            def publish(self, data: dict[str, Any], *_: Any, **more: Any) -> None:
                outer.keep({"output_type": "display_data", "data": _shown(data), "metadata": {}})

            def clear_output(self, wait: bool = False) -> None:
                outer.outputs.clear()

        class Shell(InteractiveShell):
            displayhook_class = Hook
            display_pub_class = Publisher

            def _showtraceback(self, etype: type, evalue: object, stb: list[str]) -> None:
                if etype is TimeUp:
                    stb = [f"TimeUp: {evalue}"]  # where the cell was is chance
                outer.keep(
                    {
                        "output_type": "error",
                        "ename": etype.__name__,
                        "evalue": _cut(str(evalue)),
                        "traceback": [_cut(line) for line in stb],
                    }
                )

        Shell.clear_instance()
        config = Config({"HistoryManager": {"enabled": False}})  # no file, and no thread for it
        shell: Any = Shell.instance(user_ns=names, colors="nocolor", config=config)
        self.shell = shell

    def run(self, source: str, seconds: float) -> list[Output]:
        """Run a cell for at most `seconds`, and return its outputs."""
        self.outputs = []
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        before = signal.signal(signal.SIGALRM, _time_up)
        signal.setitimer(signal.ITIMER_REAL, seconds, 1)
        try:
            self.shell.run_cell(source, store_history=True)
        except TimeUp as error:
            self.shell.showtraceback((TimeUp, error, None))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            sys.stdout, sys.stderr = streams
        return self.outputs

    def keep(self, output: Output) -> None:
        """Add an output to those of the cell, until all cells together have said too much."""
        size = len(repr(output))
        if self.left <= 0:
            return
        self.left -= size
        if self.left <= 0:
            output = {
                "output_type": "stream",
                "name": "stdout",
                "text": "\n[cut: too much output]\n",
            }
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


class _Stream(io.TextIOBase):
    """What a cell prints to."""

    encoding = "utf-8"

    def __init__(self, cells: Cells, name: str) -> None:
        self.cells = cells
        self.name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            kept = text[: self.cells.left + 1]
            self.cells.keep({"output_type": "stream", "name": self.name, "text": kept})
        return len(text)


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    return {kind: data[kind] for kind in SHOWN if isinstance(data.get(kind), str)}


def _cut(text: str) -> str:
    return text if len(text) <= 20_000 else f"{text[:20_000]} [cut]"


def _time_up(_signal: int, _frame: FrameType | None) -> None:
    raise TimeUp("this cell ran for too long and was stopped: is there a loop without an end?")
