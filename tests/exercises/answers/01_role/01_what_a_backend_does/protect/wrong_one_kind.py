"""Catches two kinds of exceptions and lets the others through."""


def protect(app):
    def protected(environ, start_response):
        try:
            return list(app(environ, start_response))
        except ZeroDivisionError:
            what = "no plays"
        except ValueError as error:
            what = "no number" if "literal" in str(error) else str(error)
        body = {"title": what, "status": 500}
        return answer(start_response, "500 Internal Server Error", body, "application/problem+json")

    return protected


safe_app = protect(fragile_app)
