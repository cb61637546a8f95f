"""A question of the chat page: what is found at once, then its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from aiqa.errors import AiqaError
from aiqa.serialization import answer_dict, read_answer
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.calls import Calls
from aiqa.server.interface_language import use_language
from aiqa.server.rendering import render
from aiqa.server.schemas import AskRequest
from aiqa.server.small_talk import small_talk
from aiqa.server.suggestions import Examples
from aiqa.server.unknown_words import is_gibberish
from aiqa.types import Answer, ChatTurn

_PASSAGES = 3
"""Passages that are shown until the answer is there."""

_OFFERED_QUESTIONS = 3
"""Example questions shown beside an abstention."""


class Asking:
    """Answers the questions of the page; ``examples`` are offered where there is no answer."""

    def __init__(self, calls: Calls, examples: Examples) -> None:
        self._calls = calls
        self._assistant = calls.assistant
        self._examples = examples

    def ask(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the passages found, then the answer as HTML and as the browser's record.

        There is no record of an error, and none of what the product itself is asked. What is not
        yet the answer has "is_final" unset.
        """
        fields = AskRequest.model_validate(request)
        # Events, and each step of one, do not run in the context of their request.
        use_language(fields.language)
        if topic := small_talk(fields.question):
            yield self._said_by_product(fields, topic)
            return
        history = [ChatTurn.of(read_answer(before.answer)) for before in fields.history]
        try:
            with self._examples.paused():
                hits = self._assistant.passages(
                    fields.question, k=_PASSAGES, history=history, filters=fields.scope.filters
                )
                yield {"id": fields.id, "html": render("found.html", hits=hits)}
                use_language(fields.language)
                answer = self._calls.answer(
                    fields.question,
                    history=history,
                    filters=fields.scope.filters,
                    min_confidence=fields.least,
                )
                unknown = answer.abstained and is_gibberish(fields.question, self._assistant)
        except AiqaError as error:
            yield _final(fields, turn_html(Turn(fields.id, fields.question, error=error)))
            return
        if unknown:
            yield self._said_by_product(fields, "unknown")
            return
        record = {
            "id": fields.id,
            "question": fields.question,
            "answer": answer_dict(answer),
            "scope": fields.scope.model_dump(),
        }
        yield _final(fields, turn_html(self._turn(fields, answer)), record)

    def _turn(self, fields: AskRequest, answer: Answer) -> Turn:
        turn = Turn(
            fields.id,
            fields.question,
            answer,
            sources=fields.sources,
            find=self._assistant.find,
            is_scoped=fields.scope.filters is not None,
        )
        if not answer.abstained:
            return turn
        near = {citation.document_id for one in answer.alternatives for citation in one.citations}
        wording = fields.question.strip().casefold()
        offered = [
            example.question
            for example in self._examples.so_far()
            if example.document_id in near and example.question.casefold() != wording
        ]
        return replace(turn, questions=offered[:_OFFERED_QUESTIONS])

    def _said_by_product(self, fields: AskRequest, topic: str) -> dict[str, Any]:
        """Return what the product says itself, which is no quote and is not kept."""
        examples = self._examples.so_far()
        overview = self._examples.overview
        known = [term for term, _ in overview.terms] if overview else []
        html = render(
            "product.html",
            question=fields.question,
            topic=topic,
            overview=overview,
            examples=[example.question for example in examples],
            similar=get_close_matches(fields.question.strip("?! "), known),
        )
        return _final(fields, html)


def _final(
    fields: AskRequest, html: str, record: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {"id": fields.id, "html": html, "record": record, "is_final": True}
