"""How a JSON body is read: 413, 415 and 400 come before its fields are looked at."""

import json
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, NoReturn

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

MAX_BODY = 1_000_000  # bytes

# A body that is longer than this is refused at once. One that is a little too large is read to its
# end, and thrown away: many clients send everything before they look for an answer, and if nobody
# listened, they would see a broken connection in place of the 413.
MAX_WASTE = 16 * MAX_BODY  # bytes


class StrictRequest(Request):
    """A request whose body is small, declared as JSON, and JSON as RFC 8259 has it."""

    _document: Any

    async def body(self) -> bytes:
        """Read the body.

        Raises:
            HTTPException: 413 when it is too large, also when it did not say its length; 400 when
                the client went away before its end.
        """
        if hasattr(self, "_body"):
            return self._body
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > MAX_WASTE:
            raise _too_large()
        size = 0
        chunks = []
        try:
            async with aclosing(self.stream()) as stream:
                async for chunk in stream:
                    size += len(chunk)
                    if size <= MAX_BODY:
                        chunks.append(chunk)
                    elif size > MAX_WASTE:
                        break
        except ClientDisconnect:
            raise HTTPException(400, "The body ended before its end.") from None
        if size > MAX_BODY:
            raise _too_large()
        self._body = b"".join(chunks)
        return self._body

    async def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            HTTPException: 413 when it is too large, 415 when it is declared as something else, 400
                when it is not JSON.
        """
        if hasattr(self, "_document"):
            return self._document
        body = await self.body()
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise HTTPException(415, "The content type of the body has to be application/json.")
        try:
            # Left alone, json.loads takes NaN, UTF-16, and surrogates in UTF-8. It also raises
            # ValueError for a number of more digits than Python reads.
            self._document = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            message = "The body is not JSON in UTF-8, or it is nested too deep."
            raise HTTPException(400, message) from None
        return self._document


class StrictJSONRoute(APIRoute):
    """A route that reads its body with StrictRequest.

    FastAPI alone would answer 422 to a body that is no JSON, to one of another content type and to
    an empty one; and its `max_body_size` answers in plain text to a body that announces too much.
    A dependency would come too late for that, and a middleware does not know which paths take a
    body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that answers requests for this route."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            await request.json()
            return await handle(request)

        return handle if self.body_field is None else handle_json


def _too_large() -> HTTPException:
    return HTTPException(413, f"The body is larger than {MAX_BODY:,} bytes.")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
