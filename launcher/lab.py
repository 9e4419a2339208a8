"""``course.py learn``: JupyterLab at the course's first page, until Ctrl-C."""

import errno
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections import deque
from pathlib import Path

from launcher.environment import Environment
from launcher.errors import CourseError, Terminated
from launcher.progress import Console, seconds
from launcher.running import OWN_SESSION, stop

WELCOME = "chapters/index.md"
FIRST_PORT = 8888
_PORTS_TRIED = 50
_PATIENCE = 180  # seconds that JupyterLab gets to answer: slow disks and virus scanners exist
_EVERYWHERE = ("0.0.0.0", "::", "*")  # noqa: S104 - compared with, not bound to


def learn(
    environment: Environment, console: Console, *, browser: bool, port: int | None, ip: str
) -> int:
    """Run JupyterLab until it is stopped.

    Parameters:
        browser: open a browser window.
        port: the port to use; when None, the first free one from 8888 on.
        ip: the address to listen on.

    Returns:
        The exit code: 0 after Ctrl-C or JupyterLab's own "Shut Down".

    Raises:
        CourseError: the port is taken, or JupyterLab did not start.
    """
    port = choose_port(ip, port)
    folder = environment.root / ".venv.lab"
    folder.mkdir(exist_ok=True)
    log = folder / f"jupyterlab-{port}.log"
    variables = _variables(environment, folder)
    token = variables["JUPYTER_TOKEN"]
    base = f"http://{_shown_host(ip)}:{port}"
    page = _page(environment.root)
    leads_on = folder / f"open-{port}.html"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            _command(environment, ip=ip, port=port, page=page),
            cwd=environment.root,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=OWN_SESSION,
        )
    try:
        _wait_until_it_answers(process, f"{_local(ip, port)}/api", log, console)
        address = f"{base}{page}?token={token}"
        print(f"\nThe course is open at {address}\nCtrl-C stops it.\n", flush=True)
        if browser:
            _open_browser(leads_on, address)
        code = process.wait()
        console.line(f"JupyterLab has stopped (log: {log}).")
        return code if code >= 0 else 128 - code
    except KeyboardInterrupt as interrupt:
        console.line("Stopping JupyterLab and its notebooks ...")
        stop(process, patience=8)
        return 128 + interrupt.number if isinstance(interrupt, Terminated) else 0
    except BaseException:
        stop(process, patience=8)
        raise
    finally:
        leads_on.unlink(missing_ok=True)


def choose_port(ip: str, port: int | None) -> int:
    """Return a port that is free on an address: the given one, or the first from 8888 on.

    Raises:
        CourseError: it is taken or may not be used, or the address is not of this machine.
    """
    if port is not None and not 0 < port < 65536:
        raise CourseError(f"--port {port}: a port is a number from 1 to 65535.")
    for candidate in range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED) if port is None else (port,):
        try:
            _try_to_listen(ip, candidate)
        except socket.gaierror as error:
            raise CourseError(f"--ip {ip}: there is no such address ({error.strerror}).") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CourseError(
                    f"--ip {ip} is not an address of this machine. Leave --ip out to use "
                    "127.0.0.1, or use 0.0.0.0 for all of the machine's addresses."
                ) from error
            if port is None:
                continue
            why = (
                "is in use by another program, perhaps a JupyterLab that is still open"
                if error.errno == errno.EADDRINUSE
                else f"may not be used ({error.strerror})"
            )
            raise CourseError(
                f"Port {port} {why}. Choose another one with --port, or leave --port out: then "
                "a free one is found."
            ) from error
        return candidate
    raise CourseError(
        f"No free port between {FIRST_PORT} and {FIRST_PORT + _PORTS_TRIED - 1}: close some "
        "JupyterLabs, or choose a port with --port."
    )


def _try_to_listen(ip: str, port: int) -> None:
    host = "" if ip == "*" else ip
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as trial:
        if sys.platform == "win32":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A connection that has just ended does not count as "in use".
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
        trial.listen(1)


def _page(root: Path) -> str:
    """Return the path part of the first page's address."""
    return f"/lab/tree/{WELCOME}" if (root / WELCOME).exists() else "/lab"


def _command(environment: Environment, *, ip: str, port: int, page: str) -> list[str]:
    command = [
        str(environment.python),
        *("-m", "jupyterlab", "--no-browser"),
        f"--ServerApp.ip={ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={environment.root}",
        f"--LabApp.default_url={page}",
        # Nothing is asked of other machines: no news, no update check, no list of extensions.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in a container
    return command


def _variables(environment: Environment, folder: Path) -> dict[str, str]:
    """Return the server's environment: its own settings, and this environment's kernel first."""
    variables = environment.child_variables()
    variables.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
    # A folder of its own: the course neither reads nor changes a person's other JupyterLab, and
    # does not reopen notebooks of other projects.
    variables["JUPYTER_CONFIG_DIR"] = str(folder)
    variables["JUPYTER_CONFIG_PATH"] = str(Path(__file__).parent / "jupyter")
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"
    variables.pop("JUPYTER_NO_CONFIG", None)
    variables.pop("JUPYTER_PATH", None)
    return variables


def _wait_until_it_answers(
    process: "subprocess.Popen[str]", address: str, log: Path, console: Console
) -> None:
    started = time.monotonic()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        if process.poll() is not None:
            lines = [line for line in _text(log).splitlines() if line.strip()]
            last = "\n".join(f"  {line}" for line in deque(lines, 5))
            raise CourseError(f"JupyterLab did not start. Its last lines:\n{last}\nThe log: {log}")
        if time.monotonic() - started > _PATIENCE:
            raise CourseError(f"JupyterLab does not answer at {address}. The log: {log}")
        try:
            with direct.open(address, timeout=2) as response:
                json.load(response)
            break
        except (OSError, urllib.error.URLError, ValueError):
            console.status(f"starting JupyterLab ({seconds(time.monotonic() - started)})")
            time.sleep(0.1)
    console.clear()


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _local(ip: str, port: int) -> str:
    host = {"::": "::1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1"}.get(ip, ip)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _shown_host(ip: str) -> str:
    host = socket.gethostname() if ip in _EVERYWHERE else ip
    return f"[{host}]" if ":" in host else host


def _open_browser(leads_on: Path, address: str) -> None:
    """Open the address in a browser window, if there is a screen for one.

    A command line can be read by everybody on the machine, and the address holds the key to the
    server: so the browser gets a small private file that leads on to it.

    Parameters:
        leads_on: where to write that file. It is to be deleted when the server stops.
    """
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")
    if sys.platform.startswith("linux") and not any(map(os.environ.get, screens)):
        return
    target = address
    # Under WSL the browser is on the Windows side and cannot read files of the Linux side.
    if "WSL_DISTRO_NAME" not in os.environ:
        leads_on.unlink(missing_ok=True)
        descriptor = os.open(leads_on, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(
                '<!doctype html><meta charset="utf-8"><title>The course</title>\n'
                f'<meta http-equiv="refresh" content="0; url={address}">\n'
                f'<p><a href="{address}">Open the course</a></p>\n'
            )
        target = leads_on.as_uri()
    # Some browsers keep the call waiting until their window is closed.
    threading.Thread(target=webbrowser.open, args=(target,), daemon=True).start()
