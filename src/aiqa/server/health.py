"""``/health`` and ``/ready``, for whoever keeps the server running; anybody may ask."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.server.access_log import log
from aiqa.server.problems import problem


def health_routes(assistant: Assistant) -> APIRouter:
    """Return the routes: the server answers at all, and questions can be answered."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> Mapping[str, str]:
        # On the loop itself: it answers as long as that does.
        return {"status": "ok"}

    @router.get("/ready", response_model=None)
    def ready() -> Mapping[str, str] | Response:
        try:
            assistant.store.index.catalog.counts()
        except AiqaError as error:
            # Anybody may ask: what is wrong is for the log.
            log.warning("Questions cannot be answered: %s", error)
            return problem(503, "Questions cannot be answered now.", "See the log of the server.")
        return {"status": "ready"}

    return router
