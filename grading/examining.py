"""The examiner: runs checks, far from the learner's code: `python -m grading.examining SOCKET`.

It lives as long as the grader and forks for each notebook, so that a start is paid for once and
nothing is left over from one submission to the next. A request is a line of JSON: {"check":
source, "seconds": s, "apps": {name: [socket, problem]}}; the answer is {"outputs": […]}.
"""

import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from grading.guarded import GuardedSession
from grading.sandboxed.cells import Cells
from workbench import explain

Apps = dict[str, tuple[str, str]]


def main() -> None:
    """Answer graders until the process that started this one has gone."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that have ended
    apps: Apps = {}

    def connect(name: str) -> GuardedSession:
        """Return a session with a learner's app; the learner's own `connect` has the same name."""
        place, problem = apps.get(name, ("", f"nothing called {name!r} was served"))
        if problem:
            raise ConnectionError(f"connect({name!r}): {problem}")
        return GuardedSession(Path(place))

    cells = Cells({"__name__": "__main__", "connect": connect, "explain": explain})
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    print("ready", flush=True)
    while listener in select.select([listener, sys.stdin], [], [])[0]:  # stdin ends with the grader
        grader, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            with contextlib.suppress(OSError, ValueError):
                _examine(grader, cells, apps)
            os._exit(0)
        grader.close()


def _examine(grader: socket.socket, cells: Cells, apps: Apps) -> None:
    with grader, grader.makefile("rwb") as stream:
        _say(stream, {"ready": os.getpid()})
        for line in stream:
            order = json.loads(line)
            apps.update(order["apps"])
            _say(stream, {"outputs": cells.run(order["check"], order["seconds"])})


def _say(stream: Any, answer: dict[str, Any]) -> None:
    stream.write(json.dumps(answer).encode() + b"\n")
    stream.flush()


if __name__ == "__main__":
    main()
