"""Has one function for all, and registers it three times."""


def answer_problems(app: FastAPI) -> None:
    async def answer_any(request: Request, error: Exception):
        if isinstance(error, RequestValidationError):
            found = {}
            for entry in error.errors():
                _, *place = entry["loc"]
                found[".".join(str(part) for part in place)] = entry["msg"]
            errors = [{"field": field, "message": text} for field, text in found.items()]
            return problem(422, "see errors", None, errors)
        if isinstance(error, AnyHTTPException):
            answer = problem(error.status_code, error.detail)
            answer.headers.update(error.headers or {})
            return answer
        return problem(500, "something went wrong here")

    for kind in (RequestValidationError, AnyHTTPException, Exception):
        app.add_exception_handler(kind, answer_any)


def create_mended() -> FastAPI:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
