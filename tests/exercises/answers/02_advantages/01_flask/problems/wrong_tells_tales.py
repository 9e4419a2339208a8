"""Sends the text of any exception to the client."""


def answer_problems(app: Flask) -> None:
    @app.errorhandler(Exception)
    def answer_any(error):
        if isinstance(error, HTTPException):
            response = error.get_response()
            response.data = problem(error.code, error.description).data
            response.content_type = "application/problem+json"
            return response
        return problem(500, str(error))


def create_mended() -> Flask:
    app = create_shaky()
    answer_problems(app)
    return app


problems_app = at_first_request(create_mended)
