"""Bodies of requests that come in chunks, and bodies that are too long.

Django and REST framework read as many bytes as Content-Length says. A body that comes in chunks has
no such header, so to them it is empty. It is read here, up to the limit, and its length is told.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Message, Receive, Send], Awaitable[None]]


class WSGIBodies:
    """Wraps a WSGI application."""

    def __init__(self, application: WSGIApplication, limit: int) -> None:
        """Wrap `application`; of a body in chunks it will get `limit` bytes and one more."""
        self.application = application
        self.limit = limit

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        # Only a server that marks the end of the input has undone the chunks.
        if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            body = b""
            while len(body) <= self.limit:
                piece = environ["wsgi.input"].read(self.limit + 1 - len(body))
                if not piece:
                    break
                body += piece
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)


class ASGIBodies:
    """Wraps an ASGI application, and ends a body of any kind at the limit.

    Django would write a body of any length to the disk before it looks at its length.
    """

    def __init__(self, application: ASGIApplication, limit: int) -> None:
        """Wrap `application`; of a body it will get `limit` bytes and the rest of a piece."""
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        body = b""
        more = True
        while more and len(body) <= self.limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [*scope["headers"]]
        if not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(body)).encode()))
        first = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            if first:
                return first.pop()
            # What comes after the limit is read and thrown away.
            message = await receive()
            while message["type"] == "http.request":
                message = await receive()
            return message

        await self.application({**scope, "headers": headers}, receive_again, send)
