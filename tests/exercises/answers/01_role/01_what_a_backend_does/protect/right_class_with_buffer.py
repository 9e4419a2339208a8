"""Is a class, holds the status back until the body is complete, and logs what was raised."""

import logging


class Protected:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        held = []
        try:
            body = b"".join(self.app(environ, lambda *status: held.append(status)))
        except BaseException:
            logging.getLogger("mixtape").exception("failed")
            failed = b'{"status": 500, "title": "sorry"}'
            start_response("500 Oh dear", [("Content-Type", "application/problem+json")])
            return [failed]
        start_response(*held[-1])
        return [body]


def protect(app):
    return Protected(app)


safe_app = protect(fragile_app)
