"""What is done with every answer of the site."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class HeadMiddleware(MiddlewareMixin):
    """Answers HEAD without a body: Django leaves that to servers, and waitress does not do it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the answer; Content-Length goes on telling what GET would have got."""
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response
