"""Standing questions asked again while the chat is served."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event, Thread

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.server.access_log import log
from aiqa.server.lifespan import add_lifespan
from aiqa.standing.check import check_standing, stamp, tell
from aiqa.standing.store import StandingStore

_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 300.0
"""How often what could not be told is tried again."""

_CLOSING_SECONDS = 10.0


class StandingWatch:
    """Asks when the documents have changed and then been left alone for ``seconds``.

    It sees uploads and deletions in the chat, and what other processes ingest.
    """

    def __init__(self, assistant: Assistant, seconds: float = _LOOK_SECONDS) -> None:
        self._assistant = assistant
        self._store = StandingStore(assistant.folder)
        self._seconds = seconds
        self._stopped = Event()
        self._thread = Thread(target=self._work, name="standing questions", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, when no question is being asked."""
        self._stopped.set()
        self._thread.join(_CLOSING_SECONDS)

    def _work(self) -> None:
        asked = seen = ""
        again = 0.0
        while not self._stopped.wait(self._seconds):
            try:
                if not (self._store.exists and self._assistant.store.has_index):
                    continue
                before, seen = seen, stamp(self._assistant)
                if seen not in (before, asked):
                    continue  # it has just changed, and may change again
                if seen != asked and check_standing(self._assistant):
                    asked, again = seen, 0.0
                if time.monotonic() >= again:
                    again = time.monotonic() + _AGAIN_SECONDS
                    tell(self._store, self._stopped.wait, log.warning)
            except AiqaError as error:
                log.warning("The standing questions were not asked: %s", error)
                self._stopped.wait(_AGAIN_SECONDS)


def ask_while_serving(inside: FastAPI, watch: StandingWatch) -> None:
    """Start ``watch`` with the server and stop it with it."""

    @asynccontextmanager
    async def watching() -> AsyncIterator[None]:
        watch.start()
        try:
            yield
        finally:
            await run_in_threadpool(watch.stop)

    add_lifespan(inside, watching)
