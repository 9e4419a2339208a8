"""What the tests of the contract share: a backend to break, and a way to it without sockets."""

import importlib.util
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from workbench import Server, serve

START = 90.0  # seconds that a process may take to start while the machine is busy
WSGI = "waitress" if sys.platform == "win32" else "gunicorn"
BACKENDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "flask": ("mixtape.flask_app:create_app()", WSGI, {"threads": 4}),
    "fastapi": ("mixtape.fastapi_app:create_app()", "uvicorn", {}),
    "django": ("mixtape.django_app.config.wsgi:application", WSGI, {"threads": 4}),
}


def _load(name: str) -> ModuleType:
    # In pytest's importlib mode a test cannot import the file beside it by its name.
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FAULTY = _load("faulty")


@pytest.fixture(scope="session")
def faulty() -> ModuleType:
    """The module with Backend and FAULTS."""
    return FAULTY


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault" in metafunc.fixturenames:
        faults = FAULTY.FAULTS
        metafunc.parametrize(("rule", "fault"), faults.items(), ids=list(faults.values()))


@pytest.fixture(scope="session")
def start_backend() -> Callable[[str, str], Server]:
    """A function that starts a backend, named as in BACKENDS, with its data at a URL."""

    def start(name: str, database_url: str) -> Server:
        target, program, options = BACKENDS[name]
        env = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": "",  # Django's: without one, it is set up for development
            # gunicorn would answer to a long query string itself, with a page and not a problem.
            "GUNICORN_CMD_ARGS": "--limit-request-line 0",
        }
        return serve(target, program, env=env, timeout=START, access_log=False, **options)

    return start


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The address of a database that does not exist yet."""
    return f"sqlite:///{(tmp_path / 'mixtape.db').as_posix()}"


@pytest.fixture
def without_sockets(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], str]:
    """A function that makes requests call a WSGI app directly, and returns its base URL.

    Dozens of faults are each met by the whole contract: over sockets that would take minutes.
    """

    def install(app: object) -> str:
        monkeypatch.setattr(_DirectAdapter, "app", staticmethod(app))
        monkeypatch.setattr("requests.sessions.HTTPAdapter", _DirectAdapter)
        return "http://no-sockets"

    return install


class _DirectAdapter(BaseAdapter):
    app: object = None

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        address = urlsplit(str(request.url))
        environ = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": unquote_to_bytes(address.path).decode("latin-1"),
            "QUERY_STRING": address.query,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        }
        body = request.body or b""
        if isinstance(body, bytes):
            environ["CONTENT_LENGTH"] = str(len(body))
        else:
            body = b"".join(body)
            environ["wsgi.input_terminated"] = True
        environ["wsgi.input"] = io.BytesIO(body)

        response = requests.Response()
        response.request = request
        response.url = str(request.url)

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            response.status_code = int(status.split()[0])
            response.headers.update(headers)

        response._content = b"".join(self.app(environ, start_response))
        return response

    def close(self) -> None:
        pass
