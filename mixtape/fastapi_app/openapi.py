"""The OpenAPI description, mended where FastAPI assumes what is not so here."""

from typing import Any

from fastapi import FastAPI

from .problems import MEDIA_TYPE


class DescribedFastAPI(FastAPI):
    """FastAPI with a description that is true of its errors, too.

    FastAPI describes all answers of an endpoint with one content type, and adds a 422 of its own
    wherever there is a parameter. Here errors are problem documents, and a bad id is a 404.
    """

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path in document["paths"].values():
                for operation in path.values():
                    _mend(operation["responses"])
            for name in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(name, None)
        return super().openapi()


def _mend(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        if not status.startswith(("4", "5")):
            continue
        [content] = response["content"].values()
        if content["schema"]["$ref"].endswith("/HTTPValidationError"):
            del responses[status]
        else:
            response["content"] = {MEDIA_TYPE: content}
