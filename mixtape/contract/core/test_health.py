import pytest

from mixtape.contract.exchange import Client

pytestmark = pytest.mark.where("first route")


def test_health(api: Client) -> None:
    """GET /health answers 200 and {"status": "ok"}"""
    answer = api.get("/health").must_be(200)
    if answer.parsed() != {"status": "ok"}:
        answer.fail('200 and {"status": "ok"}')
