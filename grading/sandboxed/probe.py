"""Says whether the sandbox keeps its promises: `python -m grading.sandboxed.probe FD LIMITS`."""

import ctypes
import json
import os
import socket
import sys
from pathlib import Path

from grading.sandboxed.confined import confine


def _cannot(action: object, *arguments: object) -> bool:
    try:
        action(*arguments)  # type: ignore[operator]
    except OSError:
        return True
    return False


def main() -> None:
    """Try what must not work, and say of each whether it failed."""
    confine(sys.argv[2])
    with socket.socket(fileno=int(sys.argv[1])) as grader:
        outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        libc = ctypes.CDLL(None, use_errno=True)
        found = {
            "the network is closed": _cannot(outside.connect, ("192.0.2.1", 9)),
            "the system is read-only": _cannot(Path("/usr/x").write_text, ""),
            "nobody is root": _cannot(os.setuid, 0),
            "the root is read-only": _cannot(os.mkdir, "/x"),
            "memory without an owner is refused": libc.memfd_create(b"x", 0) < 0,
            "other processes are hidden": len(list(Path("/proc").glob("[0-9]*"))) < 5,
            "the rest of the course is hidden": not Path("/course/solutions").exists(),
        }
        grader.sendall(json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()
