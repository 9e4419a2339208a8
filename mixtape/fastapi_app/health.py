"""Whether the server is there."""

from fastapi import APIRouter

from .schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health")
async def read_health() -> Health:
    """Say that the server is there."""
    # `async def`, because nothing here waits: the event loop answers by itself, also when all
    # threads are busy. The endpoints that use the database are plain `def`; tracks.py says why.
    return Health(status="ok")
