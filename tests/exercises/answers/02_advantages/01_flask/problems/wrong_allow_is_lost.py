"""Makes a new answer for errors of HTTP and loses their headers."""


def answer_problems(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def answer_http_error(error):
        return problem(error.code, error.description)

    @app.errorhandler(Exception)
    def answer_failure(error):
        return problem(500, "the server failed")


def create_mended() -> Flask:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
