"""An HTTP session that is bound to one backend."""

import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from workbench import serving

if TYPE_CHECKING:
    from workbench.serving import Server

TIMEOUT = 5.0
"""Seconds that a request waits for an answer unless the call says otherwise."""


class Session(requests.Session):
    """A `requests` session for one backend: `http.get("/tracks")`.

    A request waits at most 5 seconds, redirects are not followed unless you ask for it with
    `allow_redirects=True`, and proxies and passwords of the machine are left alone. Other
    addresses than the backend's are refused with ValueError.
    """

    def __init__(self, base_url: str, server: "Server | None" = None) -> None:
        """Bind a session to the backend at `base_url`, run by `server` if that is known."""
        super().__init__()
        self.base_url = base_url.rstrip("/")
        self.server = server
        self.owns_server = False
        """Whether connecting has started the server, so that nobody else relies on it."""
        self.trust_env = False

    def __repr__(self) -> str:
        """Return words without the port, so that outputs stay comparable."""
        return f"<Session with {self.server or self.base_url}>"

    def get(self, url: str | bytes, **options: Any) -> requests.Response:
        """Send a GET request; redirects are not followed by default."""
        return self.request("GET", url, **options)

    def options(self, url: str | bytes, **options: Any) -> requests.Response:
        """Send an OPTIONS request; redirects are not followed by default."""
        return self.request("OPTIONS", url, **options)

    def request(  # type: ignore[override]
        self, method: str, url: str | bytes, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request to a path of the backend; parameters as in `requests`."""
        path = url.decode() if isinstance(url, bytes) else str(url)
        options.setdefault("timeout", TIMEOUT)
        options.setdefault("allow_redirects", False)
        full = self.base_url + path if path.startswith("/") else path
        if full is path and not self._is_ours(full):
            raise ValueError(
                f'this session talks to one backend only: write a path such as "/tracks", '
                f"not {path!r}"
            )
        return super().request(method, full, *args, **options)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a prepared request and give the response access to the server's log."""
        if not self._is_ours(request.url or ""):
            raise ValueError(f"this session talks to one backend only, not to {request.url!r}")
        server = self.server
        place = server.log_mark() if server else 0
        try:
            response = super().send(request, **options)
        except requests.ConnectionError as error:
            if server is None or server.running:
                raise
            raise requests.ConnectionError(
                "the server of this session has ended: connect again", request=request
            ) from error
        except requests.Timeout as error:
            # Without what was inside: it is the client's, and 150 lines long.
            raise type(error)(
                f"{request.method} {request.path_url} got no answer in time: "
                "does your function wait for something, or loop forever?",
                request=request,
            ) from None
        if server:
            response.server_log = functools.partial(server.log_since, place)  # type: ignore[attr-defined]
        return response

    def _is_ours(self, url: str) -> bool:
        ours, theirs = urlsplit(self.base_url), urlsplit(url)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and (
            theirs.path == ours.path or theirs.path.startswith(f"{ours.path}/")
        )


def connect(target: object) -> Session:
    """Return a session with a backend.

    Args:
        target: the name of an app in the notebook, such as "app" (the object is served as it is
            now; a later call serves it anew), or an app object, a `Server`, or the URL of a
            server that runs already.

    Raises NameError when no object has that name, TypeError when it is not a web application.
    """
    return connect_in(target, sys._getframe(1).f_globals)


def connect_in(
    target: object, caller: Mapping[str, object], *, purpose: str = "connect"
) -> Session:
    """Do the work of `connect` for a caller whose global names are `caller`.

    `purpose` keeps servers apart: connecting for one does not stop the server of another.
    """
    label = None
    if isinstance(target, str) and not target.startswith(("http://", "https://")):
        names = serving.notebook_names() or caller
        if target not in names:
            raise NameError(
                f"there is no object called {target!r} yet: run the cell that makes it, "
                "and mend the error if it shows one"
            )
        label, target = target, names[target]
    if isinstance(target, str):
        return Session(target)
    if isinstance(target, serving.Server):
        return Session(target.url, target)
    key = (purpose, label or id(target))
    try:
        server = serving.serve_object(target, key=key, label=label)
    except TypeError as error:
        raise TypeError(f"{label}: {error}" if label else str(error)) from None
    session = Session(server.url, server)
    session.owns_server = True
    return session
