"""Send as many HTTP requests as a server can answer, from a process of its own.

    python -m workbench.load_generator

reads one JSON object from standard input (host, port, request, clients, seconds) and writes one to
standard output (requests, failures, seconds, p50_ms, p99_ms). It is a closed loop: each client
keeps its connection, sends a request, waits for the answer and sends the next. Use
`workbench.load`, which calls it.
"""

import asyncio
import json
import math
import sys
import time
from collections.abc import Coroutine
from importlib import import_module
from typing import Any, cast


class Run:
    """What all clients share: the request, the end of the run and the results."""

    def __init__(self, host: str, port: int, request: bytes, clients: int, seconds: float) -> None:
        """Prepare a run of `clients` clients that lasts `seconds` seconds."""
        self.host, self.port, self.request = host, port, request
        self.clients, self.seconds = clients, seconds
        self.is_head = request.startswith(b"HEAD ")
        self.end = math.inf
        self.durations: list[float] = []
        self.failures = 0
        self.transports: set[asyncio.Transport] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def go(self) -> dict[str, float]:
        """Run all clients to the end and return the results."""
        start = time.perf_counter()
        self.end = start + self.seconds
        for _ in range(self.clients):
            self.spawn(self.connect())
        await asyncio.sleep(self.seconds)
        elapsed = time.perf_counter() - start
        for transport in list(self.transports):
            transport.abort()
        for task in list(self.tasks):
            task.cancel()
        durations = sorted(self.durations)
        return {
            "requests": len(durations),
            "failures": self.failures,
            "seconds": elapsed,
            "p50_ms": percentile(durations, 0.50) * 1000,
            "p99_ms": percentile(durations, 0.99) * 1000,
        }

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task and hold on to it until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def connect(self) -> None:
        """Open a connection, which then sends on its own; try again while the run lasts."""
        while (began := time.perf_counter()) < self.end:
            try:
                await asyncio.get_running_loop().create_connection(
                    lambda began=began: Client(self, began),  # type: ignore[misc]
                    self.host,
                    self.port,
                )
            except OSError:
                self.failures += 1
                await asyncio.sleep(0.05)
            else:
                return


class Client(asyncio.Protocol):
    """One connection: sends the request, reads the whole answer, sends again."""

    def __init__(self, run: Run, began: float) -> None:
        """Take part in `run`; the first answer is timed from `began`, before connecting."""
        self.run, self.began = run, began
        self.transport: asyncio.Transport
        self.buffer = bytearray()
        self.waiting = False
        self._next_answer()

    def _next_answer(self) -> None:
        self.head_read = self.chunked = self.until_close = self.failed = self.last = False
        self.needed = 0  # with a known length: how long the buffer gets; chunked: the next chunk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        self.run.transports.add(self.transport)
        self._send()

    def _send(self) -> None:
        self.waiting = True
        self.transport.write(self.run.request)

    def data_received(self, data: bytes) -> None:
        """Read on, and send the next request when the answer is complete."""
        self.buffer += data
        while not self.head_read:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._read_head(bytes(self.buffer[:end]).lower(), end + 4)
        if self.chunked:
            self._skip_chunks()
        elif not self.until_close and len(self.buffer) >= self.needed:
            self._complete()

    def _read_head(self, head: bytes, length: int) -> None:
        status = head[9:12]
        if status.startswith(b"1"):  # "100 Continue" and the like: the answer is yet to come
            del self.buffer[:length]
            return
        self.head_read = True
        lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        fields = {name.strip(): value.strip() for name, _, value in lines}
        connection = fields.get(b"connection", b"")
        self.last = connection == b"close" or (
            head.startswith(b"http/1.0") and connection != b"keep-alive"
        )
        self.failed = not b"200" <= status < b"400"
        self.needed = length
        if self.run.is_head or status in (b"204", b"304"):
            return
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            self.chunked = True
        elif b"content-length" in fields:
            self.needed += int(fields[b"content-length"])
        else:
            self.until_close = self.last = True

    def _skip_chunks(self) -> None:
        while True:
            end = self.buffer.find(b"\r\n", self.needed)
            if end < 0:
                return
            size = int(self.buffer[self.needed : end].split(b";")[0], 16)
            if size == 0:  # trailing fields may follow; an empty line ends the answer
                if b"\r\n\r\n" in self.buffer[end:]:
                    self._complete()
                return
            if len(self.buffer) < end + 2 + size + 2:
                return
            self.needed = end + 2 + size + 2

    def _complete(self) -> None:
        now = time.perf_counter()
        self.waiting = False
        if now >= self.run.end:
            self.transport.abort()
            return
        self.run.durations.append(now - self.began)
        self.run.failures += self.failed
        self.buffer.clear()
        last, self.began = self.last, now
        self._next_answer()
        if last:
            self.transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """Count an answer that ended with the connection, or a failure, and connect again."""
        self.run.transports.discard(self.transport)
        if self.waiting and self.until_close and error is None:
            self._complete()
        elif self.waiting and time.perf_counter() < self.run.end:
            self.run.failures += 1
        if time.perf_counter() < self.run.end:
            self.run.spawn(self.run.connect())


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the sorted `values` lie; NaN when there are none."""
    return values[math.ceil(len(values) * share) - 1] if values else math.nan


def main() -> None:
    """Read the job, run it, write the result."""
    job = json.load(sys.stdin)
    run = Run(
        job["host"], job["port"], job["request"].encode("latin-1"), job["clients"], job["seconds"]
    )
    try:
        uvloop: Any = import_module("uvloop")
    except ImportError:
        result = asyncio.run(run.go())
    else:
        result = uvloop.run(run.go())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
