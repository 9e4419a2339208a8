"""The OpenAPI description, mended where FastAPI assumes what is not so here."""

from typing import Any

from fastapi import FastAPI

from .problems import MEDIA_TYPE, Problem, ValidationProblem

_PROBLEMS = {f"#/components/schemas/{model.__name__}" for model in (Problem, ValidationProblem)}
_UNUSED = ("HTTPValidationError", "ValidationError")


class DescribedFastAPI(FastAPI):
    """FastAPI with a description that is true of its errors, too.

    FastAPI describes all answers of an endpoint with one content type, and adds a 422 of its own
    wherever there is a parameter. Here errors are problem documents, and a bad id is a 404.
    """

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        # FastAPI keeps the document and gives it out again; what is mended stays so.
        document = super().openapi()
        for path in document["paths"].values():
            for operation in path.values():
                _mend(operation["responses"])
        for name in _UNUSED:
            document["components"]["schemas"].pop(name, None)
        return document


def _mend(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        match response:
            case {"content": {"application/json": {"schema": {"$ref": reference}}}}:
                if reference.endswith("/HTTPValidationError"):
                    del responses[status]
                elif reference in _PROBLEMS:
                    content = response["content"]
                    content[MEDIA_TYPE] = content.pop("application/json")
