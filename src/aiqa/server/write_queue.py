"""Changes of the index, one at a time in a thread of their own, small ones first."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from threading import Condition, Thread
from typing import Any, TypeVar

from aiqa.errors import LockedIndexError

T = TypeVar("T")

_PATIENCE_SECONDS = 600
_PAUSE_SECONDS = 0.2


@dataclass(order=True, slots=True)
class _Change:
    size: int
    number: int
    run: Callable[[], Any] = field(compare=False)
    outcome: Future[Any] = field(compare=False)


class WriteQueue:
    """Runs changes in a thread, which alone writes to the index while the chat is served.

    The thread starts with the first change.
    """

    def __init__(self) -> None:
        self._waiting: list[_Change] = []
        self._numbers = count()
        self._changed = Condition()
        self._thread: Thread | None = None
        self._running: _Change | None = None
        self._is_inner = False
        self._stopped = False

    @property
    def is_stopped(self) -> bool:
        """Whether changes that run are to end early."""
        return self._stopped

    def submit(self, size: int, run: Callable[[], T]) -> Future[T]:
        """Have ``run`` called before all larger changes that wait; return its future outcome."""
        outcome: Future[T] = Future()
        with self._changed:
            if self._stopped:
                outcome.cancel()
                return outcome
            heappush(self._waiting, _Change(size, next(self._numbers), run, outcome))
            if self._thread is None:
                self._thread = Thread(target=self._work, name="index writes", daemon=True)
                self._thread.start()
            self._changed.notify()
        return outcome

    def give_way(self) -> None:
        """Run the changes that wait and are smaller; called by a change that takes long."""
        outer = self._running
        if outer is None or self._is_inner:
            return
        self._is_inner = True
        try:
            while change := self._next_below(outer.size):
                self._run(change)
        finally:
            self._running = outer
            self._is_inner = False

    def patiently(self, change: Callable[[], T]) -> T:
        """Return what ``change`` returns, once no other process is writing to the index.

        Raises:
            LockedIndexError: another process has been writing for minutes, or this one is stopped.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return change()
            except LockedIndexError:
                if self._stopped or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE_SECONDS)

    def stop(self, seconds: float) -> None:
        """Drop what waits, and wait at most ``seconds`` for what runs."""
        with self._changed:
            self._stopped = True
            for change in self._waiting:
                change.outcome.cancel()
            self._waiting.clear()
            self._changed.notify()
        if self._thread:
            self._thread.join(seconds)

    def _work(self) -> None:
        while change := self._next():
            self._run(change)

    def _next(self) -> _Change | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            return heappop(self._waiting) if self._waiting else None

    def _next_below(self, size: int) -> _Change | None:
        with self._changed:
            smaller = self._waiting and self._waiting[0].size < size
            return heappop(self._waiting) if smaller else None

    def _run(self, change: _Change) -> None:
        self._running = change
        try:
            change.outcome.set_result(change.run())
        except BaseException as error:  # noqa: BLE001  # raised again by whoever waits for it
            change.outcome.set_exception(error)
