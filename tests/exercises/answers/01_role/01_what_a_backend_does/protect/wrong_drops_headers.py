"""Makes a new answer from the body, so the headers of the application are lost."""


def protect(app):
    def protected(environ, start_response):
        try:
            body = b"".join(app(environ, lambda status, headers: None))
        except Exception:
            failed = {"title": "failed", "status": 500}
            return answer(
                start_response, "500 Internal Server Error", failed, "application/problem+json"
            )
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    return protected


safe_app = protect(fragile_app)
