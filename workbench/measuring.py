"""Put load on a server and measure what that costs."""

import ipaddress
import json
import math
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from workbench.browser import IN_BROWSER, refuse
from workbench.logs import ServerFailed, tail
from workbench.serving import Server

if not IN_BROWSER:
    import psutil

_WARM_UP = 0.3  # seconds; the first requests of a process import and compile


@dataclass(frozen=True)
class Load:
    """What a number of clients got from a server.

    Attributes:
        requests: answers that came back, whatever their status.
        failures: answers with a status of 400 and more, and connections that broke.
        seconds: how long it lasted.
        per_second: answers a second.
        p50_ms: half of the answers took at most so many milliseconds; NaN without answers.
        p99_ms: 99 of 100 answers took at most so many milliseconds; NaN without answers.
    """

    requests: int
    failures: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Measurement:
    """What a server process did under load, and what it used.

    Attributes:
        per_second: answers a second; it swings with what else the computer does.
        cpu_ms_per_request: processor time of all the server's processes for one answer, in
            milliseconds; far steadier than answers a second.
        p50_ms: half of the answers took at most so many milliseconds.
        p99_ms: 99 of 100 answers took at most so many milliseconds.
        rss_mb: memory of all the server's processes after the load, in millions of bytes. Pages
            that processes share are counted in each of them.
        failures: answers with a status of 400 and more, and connections that broke.
    """

    per_second: float
    cpu_ms_per_request: float
    p50_ms: float
    p99_ms: float
    rss_mb: float
    failures: int


def load(
    url: str,
    *,
    clients: int = 8,
    seconds: float = 2.0,
    method: str = "GET",
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Load:
    """Let `clients` clients ask a server on this computer, each as fast as it is answered.

    The requests come from a process of their own, so that they take no time from this one.

    Args:
        url: the full address, such as server.url + "/tracks".
        clients: how many ask at the same time; each keeps its connection.
        seconds: how long.
        method: the HTTP method.
        body: text or bytes; a dict or a list is sent as JSON.
        headers: more request headers.

    Raises:
        ValueError: `url` is not an http address of this computer, or a number makes no sense.
        ConnectionError: nobody listens there.
    """
    refuse("processes")
    place = urlsplit(url)
    if place.scheme != "http" or not place.hostname or not _is_here(place.hostname):
        raise ValueError(
            "load() asks servers of this computer only, such as http://127.0.0.1:8000/, "
            f"not {url!r}"
        )
    if clients < 1 or not 0 < seconds < math.inf:
        raise ValueError("load() needs at least one client and more than 0 seconds")
    port = place.port or 80
    try:
        socket.create_connection((place.hostname, port), timeout=5).close()
    except OSError:
        raise ConnectionError(
            f"nobody listens at {place.scheme}://{place.netloc}: does the server still run?"
        ) from None
    job = {
        "host": place.hostname,
        "port": port,
        "request": _request(url, method, body, headers or {}),
        "clients": clients,
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "workbench.load_generator"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n\n{tail(done.stderr)}")
    found = json.loads(done.stdout)
    return Load(per_second=found["requests"] / found["seconds"], **found)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _request(url: str, method: str, body: Any, headers: Mapping[str, str]) -> str:
    """Return the bytes of a request, as text in which each character is one byte."""
    content = {"json": body} if isinstance(body, (dict, list)) else {"data": body}
    if isinstance(body, str):
        content = {"data": body.encode()}
    prepared = requests.Request(method.upper(), url, headers=dict(headers), **content).prepare()
    lines = [f"{prepared.method} {prepared.path_url} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in prepared.headers.items()]
    payload = prepared.body or b""
    payload = payload.encode() if isinstance(payload, str) else payload
    return "\r\n".join([*lines, "", ""]) + bytes(payload).decode("latin-1")


def measure(
    server: Server, path: str = "/", *, clients: int = 8, seconds: float = 2.0
) -> Measurement:
    """Put load on a server process and measure its speed, processor time and memory.

    A short load of 0.3 s goes first and is not counted.

    Args:
        server: what `serve` returned for a real server process.
        path: what to ask for.
        clients: how many ask at the same time.
        seconds: how long.

    Raises:
        TypeError: `server` is not a Server.
        ValueError: it runs an app object in a thread, or it has stopped.
        ServerFailed: it gave no answer at all.
    """
    refuse("processes")
    if not isinstance(server, Server):
        raise TypeError(f"measure() takes what serve() returned, not {type(server).__name__!r}")
    if server.pid is None:
        raise ValueError(
            "this server is a thread of the notebook's kernel: they share one GIL, so the "
            "measurement would show the kernel's work as well. Measure a process, such as "
            'serve("shop:app", "gunicorn")'
        )
    if not server.running:
        raise ValueError("this server has stopped: serve it again")
    load(server.url + path, clients=clients, seconds=_WARM_UP)
    before = _cpu_seconds(server.pid)
    result = load(server.url + path, clients=clients, seconds=seconds)
    after = _cpu_seconds(server.pid)
    if not result.requests:
        raise ServerFailed(
            f"the server answered none of the requests for {path!r} in {seconds:g} s", server.log
        )
    used = sum(seconds - before.get(process, 0.0) for process, seconds in after.items())
    return Measurement(
        per_second=result.per_second,
        cpu_ms_per_request=used * 1000 / result.requests,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        rss_mb=_memory(server.pid) / 1e6,
        failures=result.failures,
    )


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu_seconds(pid: int) -> dict[int, float]:
    seconds = {}
    for process in _tree(pid):
        try:
            times = process.cpu_times()
        except psutil.Error:  # it ended while we looked
            continue
        seconds[process.pid] = times.user + times.system
    return seconds


def _memory(pid: int) -> int:
    total = 0
    for process in _tree(pid):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total
