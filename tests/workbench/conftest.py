"""Small apps to serve, and a real notebook kernel to serve them from."""

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager

from workbench import serving
from workbench.kernels import kernel_settings

SHOP = """
import os

print("the shop opens")


def app(environ, start_response):
    path = environ["PATH_INFO"]
    answer = 1 / 0 if path == "/bad" else os.environ["SETTING"] if path == "/setting" else "hello"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]


def create_app():
    return app


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def create_asgi():
    return asgi
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules shop (works), broken (cannot be imported) and slow."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(SHOP)
    (folder / "broken.py").write_text("import a_module_that_nobody_wrote\n")
    (folder / "slow.py").write_text("import time\nprint('thinking')\ntime.sleep(60)\n")
    return folder


@pytest.fixture(autouse=True)
def no_servers_left() -> Iterator[None]:
    """Stop what a test has served."""
    yield
    for server in list(serving._servers.values()):
        server.stop()


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """A function that waits until a condition holds and tells whether it did in time."""

    def wait(condition: Callable[[], Any], seconds: float = 5.0) -> bool:
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    return wait


class Kernel:
    """A notebook kernel, and the cells that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manager = KernelManager(kernel_name="python3", config=kernel_settings())
        self.manager.start_kernel(cwd=str(folder))
        self.connect()

    def connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def start(self, source: str, cell: str | None = None) -> str:
        """Send a cell for execution, as JupyterLab does when it has an id."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {"cellId": cell} if cell else {}
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str) -> dict[str, str]:
        """Wait for a cell; return what it wrote: stdout, stderr, result and error."""
        out = {"stdout": "", "stderr": "", "result": "", "error": ""}
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    out[content["name"]] += content["text"]
                case "execute_result":
                    out["result"] = content["data"]["text/plain"]
                case "error":
                    out["error"] = f"{content['ename']}: {content['evalue']}"
                case "status" if content["execution_state"] == "idle":
                    return out

    def run(self, source: str, cell: str | None = None) -> dict[str, str]:
        """Run a cell to its end."""
        return self.finish(self.start(source, cell))

    def value(self, expression: str) -> str:
        """Return the repr of an expression, evaluated in the kernel."""
        out = self.run(expression)
        assert not out["error"], out["error"]
        return out["result"]

    def late_output(self) -> list[str]:
        """Return what arrives on the output channel although no cell runs."""
        texts = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except queue.Empty:
                return texts
            if message["msg_type"] == "stream":
                texts.append(message["content"]["text"])

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.manager.provisioner.pid)

    def descendants(self) -> list[psutil.Process]:
        return self.process.children(recursive=True)

    def end(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@pytest.fixture
def new_kernel(shop: Path) -> Iterator[Callable[[], Kernel]]:
    """Start kernels for one test, which may kill them."""
    kernels: list[Kernel] = []

    def start() -> Kernel:
        kernels.append(Kernel(shop))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.end()


@pytest.fixture(scope="session")
def kernel(shop: Path) -> Iterator[Kernel]:
    """A kernel that all tests share which leave it alive."""
    kernel = Kernel(shop)
    yield kernel
    kernel.end()
