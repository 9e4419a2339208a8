"""Handles every exception alike, so a 404 becomes a 500."""


def answer_problems(app: Flask) -> None:
    @app.errorhandler(Exception)
    def answer_failure(error):
        return problem(500, "the server failed")


def create_mended() -> Flask:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
