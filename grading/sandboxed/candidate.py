"""The candidate: runs a learner's cells, and serves their apps on sockets that it is handed.

`python -m grading.sandboxed.candidate FD LIMITS`: FD is a Unix socket to the grader, LIMITS what
the process sets for itself. A request is a line of JSON, {"run": source, "seconds": s} or
{"serve": name}; the latter comes with a listening socket. An answer is a line of JSON. Whatever
the learner's code does to this process, it can spoil its own answers and nothing else: no check
and no mark is here.
"""

import contextlib
import json
import os
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from grading.sandboxed.cells import Cells
from grading.sandboxed.confined import confine

SERVE_SECONDS = 10.0


def main() -> None:
    """Answer the grader's requests until it hangs up."""
    grader = socket.socket(fileno=int(sys.argv[1]))
    confine(sys.argv[2])
    for path in Path("/handed-in").iterdir():
        (shutil.copytree if path.is_dir() else shutil.copyfile)(path, path.name)
    _be_quiet()
    sys.argv = ["candidate"]
    cells = Cells({"__name__": "__main__"})
    _say(grader, {"ready": os.getpid()})
    while request := _next(grader):
        order, sockets = request
        if "run" in order:
            answer: dict[str, Any] = {"outputs": cells.run(order["run"], order["seconds"])}
        else:
            answer = {"problem": _serve(order["serve"], sockets[0])}
        _say(grader, answer)


def _be_quiet() -> None:
    # What programs print that the learner's code starts, nobody reads.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)


def _next(grader: socket.socket) -> tuple[dict[str, Any], list[socket.socket]] | None:
    data, sockets = bytearray(), list[socket.socket]()
    while not data.endswith(b"\n"):
        chunk, handles, _, _ = socket.recv_fds(grader, 1 << 16, 1)
        sockets += [socket.socket(fileno=handle) for handle in handles]
        if not chunk:
            return None
        data += chunk
    return json.loads(data), sockets


def _say(grader: socket.socket, answer: dict[str, Any]) -> None:
    grader.sendall(json.dumps(answer).encode() + b"\n")


def _serve(name: str, listener: socket.socket) -> str:
    """Serve the app of that name at the socket; return what prevents it, or nothing."""
    from workbench.session import connect_in

    try:
        session = connect_in(name, {}, purpose="grading")
        address = urlsplit(session.base_url)
        place = (str(address.hostname), int(address.port or 80))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    threading.Thread(target=_accept, args=(listener, place), daemon=True).start()
    return ""


def _accept(listener: socket.socket, place: tuple[str, int]) -> None:
    """Join each connection at the socket to one with the server."""
    while True:
        try:
            outside, _ = listener.accept()
        except OSError:
            return
        try:
            inside = socket.create_connection(place, timeout=5)
            inside.settimeout(None)
        except OSError:
            outside.close()
            continue
        for source, target in ((outside, inside), (inside, outside)):
            threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with contextlib.suppress(OSError):
            end.shutdown(how)


if __name__ == "__main__":
    main()
