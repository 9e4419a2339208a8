"""Catches what the call raises and not what the pieces of the body raise."""


def protect(app):
    def protected(environ, start_response):
        try:
            return app(environ, start_response)
        except Exception:
            body = {"title": "failed", "status": 500}
            return answer(
                start_response, "500 Internal Server Error", body, "application/problem+json"
            )

    return protected


safe_app = protect(fragile_app)
