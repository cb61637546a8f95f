"""What starts and stops with the server, beside what does so already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI


def add_lifespan(
    inside: FastAPI, lifespan: Callable[[], AbstractAsyncContextManager[object]]
) -> None:
    """Enter the context that ``lifespan`` returns when the server starts, and leave it at its end.

    It is entered after those that were added before, and left before them.
    """
    before = inside.router.lifespan_context

    @asynccontextmanager
    async def both(running: FastAPI) -> AsyncIterator[Any]:
        async with before(running) as state, lifespan():
            yield state

    inside.router.lifespan_context = both
