"""What programs can call: the one place behind REST, Gradio's endpoints and the tools for MCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from threading import Lock
from typing import Any

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, QuestionError
from aiqa.serialization import answer_dict, hit_dict
from aiqa.server.call_schemas import remembered
from aiqa.types import Answer, ChatTurn, Filters

MOST_HITS = 100
"""Most passages that a search gives."""

MOST_TURNS = 20
"""Most earlier turns of a question."""

MOST_WAITING = 32
"""Most calls that wait or run; further ones are told that the server is busy."""


class BusyError(AiqaError):
    """Too many calls are waiting already."""


class Calls:
    """Asks and searches, one call at a time and a bounded number waiting.

    ``observe`` is told of every answer; see ``answer``.
    """

    def __init__(self, assistant: Assistant, observe: Callable[[Answer], None]) -> None:
        self.assistant = assistant
        self._observe = observe
        self._turn = Lock()
        self._counting = Lock()
        self._count = 0

    @property
    def waiting(self) -> int:
        """The number of calls that wait or run."""
        return self._count

    def answer(
        self,
        question: str,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """Ask without waiting for a turn, as the chat does; see ``Assistant.ask``."""
        answer = self.assistant.ask(
            question,
            history=history,
            filters=filters,
            min_confidence=min_confidence,
            max_risk=max_risk,
        )
        self._observe(answer)
        return answer

    def ask(
        self,
        question: str,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> dict[str, Any]:
        """Answer a question: what ``aiqa ask --json`` prints, and "turn".

        That is what to hand over as part of ``history`` with the next question.

        Raises:
            BusyError: too many calls are waiting.
            QuestionError: the question, a threshold or the history cannot be used, or no document
                fits the filters.
            CatalogError: there is no usable index.
        """
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise QuestionError("min_confidence is a number from 0 to 1.")
        if max_risk is not None and not 0 < max_risk < 1:
            raise QuestionError("max_risk is a number between 0 and 1.")
        if len(history) > MOST_TURNS:
            raise QuestionError(f"history has at most {MOST_TURNS} turns.", "Leave out the oldest.")
        with self.in_turn():
            answer = self.answer(
                question,
                history=history,
                filters=filters,
                min_confidence=min_confidence,
                max_risk=max_risk,
            )
        return answer_dict(answer) | {"turn": remembered(answer)}

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
    ) -> dict[str, Any]:
        """Find the ``k`` passages nearest to a question: what ``aiqa search --json`` prints.

        Raises:
            BusyError: too many calls are waiting.
            QuestionError: see ``ask``.
            CatalogError: there is no usable index.
        """
        if not 1 <= k <= MOST_HITS:
            raise QuestionError(f"k is a number from 1 to {MOST_HITS}.")
        with self.in_turn():
            hits = self.assistant.search(question, k=k, filters=filters, history=history)
        return {"question": question, "hits": [hit_dict(hit) for hit in hits]}

    def documents(self) -> list[Mapping[str, Any]]:
        """Return path, id, title, format, collection and date of each source, in order of path."""
        if not self.assistant.store.has_index:
            return []
        return [asdict(holding) for holding in self.assistant.holdings()]

    @property
    def turn(self) -> AbstractContextManager[object]:
        """The lock of the running call; the server's own work takes it without being counted."""
        return self._turn

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Wait until no other call runs.

        Raises:
            BusyError: too many are waiting.
        """
        with self._counting:
            if self._count >= MOST_WAITING:
                raise BusyError("Busy: too many questions are waiting.", "Try again in a moment.")
            self._count += 1
        try:
            with self._turn:
                yield
        finally:
            with self._counting:
                self._count -= 1
