"""Sends the text of the exception to the client."""


def protect(app):
    def protected(environ, start_response):
        try:
            return list(app(environ, start_response))
        except Exception as error:
            body = {"title": "failed", "status": 500, "detail": str(error)}
            return answer(
                start_response, "500 Internal Server Error", body, "application/problem+json"
            )

    return protected


safe_app = protect(fragile_app)
