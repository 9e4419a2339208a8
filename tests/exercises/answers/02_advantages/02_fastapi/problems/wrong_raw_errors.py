"""Passes Pydantic's entries on as they are."""


def answer_problems(app: FastAPI) -> None:
    @app.exception_handler(AnyHTTPException)
    def answer_http_error(request, error):
        return problem(error.status_code, error.detail, error.headers)

    @app.exception_handler(RequestValidationError)
    def answer_invalid(request, error):
        return problem(422, "not valid", errors=error.errors())

    @app.exception_handler(Exception)
    def answer_failure(request, error):
        return problem(500, "the server failed")


def create_mended() -> FastAPI:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
