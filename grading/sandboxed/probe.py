"""Says whether the sandbox keeps its promises."""

import ctypes
import json
import os
import re
import socket
import sys
from pathlib import Path


def _cannot(action: object, *arguments: object) -> bool:
    try:
        action(*arguments)  # type: ignore[operator]
    except OSError:
        return True
    return False


def main(grader: socket.socket) -> None:
    """Try what must not work, and tell the grader of each whether it failed."""
    outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    libc = ctypes.CDLL(None, use_errno=True)
    status = Path("/proc/self/status").read_text()
    course = Path(sys.modules["grading"].__file__ or "").parent.parent
    found = {
        "the network is closed": _cannot(outside.connect, ("192.0.2.1", 9)),
        "the system is read-only": _cannot(Path("/usr/x").write_text, ""),
        "nobody is root": _cannot(os.setuid, 0) and os.getuid() != 0,
        "nobody has a capability": not re.search(r"Cap(Prm|Eff|Bnd):\s+0*[1-9a-f]", status),
        "nobody can get new rights": "NoNewPrivs:\t1" in status,
        "the root is read-only": _cannot(os.mkdir, "/x"),
        "memory without an owner is refused": libc.memfd_create(b"x", 0) < 0,
        "other processes are hidden": len(list(Path("/proc").glob("[0-9]*"))) < 5,
        "the rest of the course is hidden": not (course / "solutions").exists()
        and not (course / "grading" / "execute.py").exists(),
    }
    grader.sendall(json.dumps(found).encode() + b"\n")
