"""Handles 404, 405 and 500, the statuses of the visible check, and no other."""


def answer_problems(app: Flask) -> None:
    @app.errorhandler(404)
    @app.errorhandler(405)
    def answer_http_error(error):
        response = error.get_response()
        response.data = problem(error.code, error.description).data
        response.content_type = "application/problem+json"
        return response

    @app.errorhandler(500)
    def answer_failure(error):
        return problem(500, "the server failed")


def create_mended() -> Flask:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
