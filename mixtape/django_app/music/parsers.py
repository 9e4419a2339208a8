"""What a body may be: JSON, and nothing that only looks like it."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request


class StrictJSONParser(JSONParser):
    """Reads JSON as RFC 8259 has it: in UTF-8, and without NaN and Infinity.

    Raises:
        ParseError: the body is something else, is nested too deep, or has too long an integer.
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the value that the body holds."""
        try:
            # A charset in Content-Type changes nothing: JSON is sent in UTF-8.
            return json.loads(stream.read().decode("utf-8"), parse_constant=_refuse_constant)
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        except json.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
        except RecursionError:
            raise ParseError("The body is nested too deep.") from None
        except ValueError:
            raise ParseError("The body has an integer of too many digits.") from None


class OnlyJSON(BaseContentNegotiation):
    """Reads bodies that are said to be JSON, and answers with JSON whatever the client accepts."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        """Return the parser for the content type of the request; None, which is 415, without one.

        REST framework's own choice would also take ``*/*`` and ``application/*`` for JSON.
        """
        # Django has put it into small letters, and taken off parameters such as charset.
        content_type = request._request.content_type
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """Return the first renderer, and its media type."""
        return renderers[0], renderers[0].media_type


def _refuse_constant(name: str) -> None:
    raise ParseError(f"The body is not JSON: {name} is no number in it.")
