"""The candidate: runs a learner's cells, and serves their apps on sockets that it is handed.

A request is a line of JSON, {"run": source, "seconds": s}, {"serve": name} with a listening
socket, or {"put": number} with an open tar file. An answer is a line of JSON. Whatever the
learner's code does to this process, it can spoil its own answers and nothing else: no check and
no mark is here.
"""

import contextlib
import json
import os
import socket
import tarfile
import threading
from typing import Any
from urllib.parse import urlsplit

from grading.sandboxed.cells import Cells

SERVE_SECONDS = 10.0


def main(grader: socket.socket, cells: Cells) -> None:
    """Answer the grader's requests until it hangs up."""
    while request := _next(grader):
        order, handles = request
        if "run" in order:
            answer: dict[str, Any] = {"outputs": cells.run(order["run"], order["seconds"])}
        elif "put" in order:
            answer = {"problem": _unpack(handles[0])}
        else:
            answer = {"problem": _serve(order["serve"], socket.socket(fileno=handles[0]))}
        _say(grader, answer)


def _next(grader: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    data, handles = bytearray(), list[int]()
    while not data.endswith(b"\n"):
        chunk, more, _, _ = socket.recv_fds(grader, 1 << 16, 1)
        handles += more
        if not chunk:
            return None
        data += chunk
    return json.loads(data), handles


def _say(grader: socket.socket, answer: dict[str, Any]) -> None:
    grader.sendall(json.dumps(answer).encode() + b"\n")


def _unpack(handle: int) -> str:
    """Put the files of a tar into the working folder; return what prevents it, or nothing."""
    try:
        with os.fdopen(handle, "rb") as parcel, tarfile.open(fileobj=parcel) as archive:
            archive.extractall(filter="data")
    except (OSError, tarfile.TarError) as error:
        return str(error)
    return ""


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
