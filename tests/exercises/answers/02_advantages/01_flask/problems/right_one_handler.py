"""Has one handler for all, and copies the headers that an error wants."""


def answer_problems(app: Flask) -> None:
    def answer_any(error: Exception):
        status, detail, headers = 500, "", {}
        if isinstance(error, HTTPException):
            status, detail, headers = error.code, error.description, dict(error.get_headers())
        response = problem(status, detail or "something went wrong here")
        response.headers.extend({k: v for k, v in headers.items() if k != "Content-Type"})
        return response

    app.register_error_handler(Exception, answer_any)


def create_mended() -> Flask:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
