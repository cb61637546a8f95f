"""Handlers of the chat page: answer, open a source, reopen earlier answers, store feedback.

Requests are JSON that a browser made; ``schemas`` checks their shape, and a document is only ever
named by its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiqa.answers.citation_check import Standing, renewed, standing
from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.serialization import answer_dict, read_answer
from aiqa.server import conversation_export
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.evidence_view import opened, panel_html
from aiqa.server.rendering import render
from aiqa.server.schemas import (
    AskRequest,
    Conversation,
    Opinion,
    PlaceRequest,
    ScopeRequest,
)
from aiqa.server.scope_view import choices_html
from aiqa.server.suggestions import Examples
from aiqa.types import Answer, ChatTurn, Citation, RiskLevel

_OFFERED_QUESTIONS = 3
"""Example questions shown beside an abstention."""

_LONGEST_COMMENT = 1900
"""Characters of a rejected candidate that are stored."""


class Desk:
    """Handles the requests of the page, which are JSON objects."""

    def __init__(self, assistant: Assistant, examples: Examples) -> None:
        self._assistant = assistant
        self._examples = examples

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Return example questions as HTML, and whether they are still being selected."""
        examples = self._examples.offered()
        html = render("examples.html", examples=examples or ())
        return {"html": html, "waiting": examples is None}

    def given(self) -> dict[str, Any]:
        """Return the settings that the page needs, with the risk of each strictness."""
        risks = [
            {"least": level.min_confidence, "told": _consequence(level)}
            for level in reversed(self._assistant.risk_levels())
            if level.coverage > 0
        ]
        return {"least": self._assistant.settings.min_confidence, "risks": risks}

    def scope(self, request: Mapping[str, Any]) -> str:
        """Return the choices of what is to be asked."""
        return choices_html(self._assistant, ScopeRequest.model_validate(request))

    def feedback(self, request: Mapping[str, Any]) -> str:
        """Store a user's verdict on an answer."""
        opinion = Opinion.model_validate(request)
        selection = opinion.selected
        correct = None
        if selection:
            source = self._assistant.document(selection.document_id).source
            correct = {"source": source, **selection.model_dump()}
        rejected = opinion.rejected[:_LONGEST_COMMENT]
        self._assistant.keep_feedback(
            opinion.record.answer,
            opinion.verdict,
            history=[before.answer for before in opinion.history],
            filters=opinion.record.scope.filters,
            correct=correct,
            comment=f"Not right: “{rejected}”" if rejected else None,
        )
        return "Thanks, saved."

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer as HTML and as the browser's record; no record for an error."""
        fields = AskRequest.model_validate(request)
        try:
            answer = self._assistant.ask(
                fields.question,
                history=[ChatTurn.of(read_answer(before.answer)) for before in fields.history],
                filters=fields.scope.filters,
                min_confidence=fields.least,
            )
        except AiqaError as error:
            turn = Turn(fields.id, fields.question, error=error)
            return {"id": fields.id, "html": turn_html(turn), "record": None}
        turn = self._turn(fields.id, fields.question, answer, fields.sources)
        record = {
            "id": fields.id,
            "question": fields.question,
            "answer": answer_dict(answer),
            "scope": fields.scope.model_dump(),
        }
        return {"id": fields.id, "html": turn_html(turn), "record": record}

    def reopen(self, request: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return earlier answers as HTML, with each quote checked against the documents."""
        conversation = Conversation.model_validate(request)
        turns = []
        for record in conversation.turns:
            answer, standings = renewed(read_answer(record.answer), self._standing)
            turn = self._turn(record.id, record.question, answer, conversation.sources, standings)
            turns.append({"id": record.id, "html": turn_html(turn)})
        return turns

    def open(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the evidence panel for a place in a document."""
        place = PlaceRequest.model_validate(request)
        return {"html": panel_html(opened(self._assistant, place))}

    def markdown(self, request: Mapping[str, Any]) -> str:
        """Return a conversation as Markdown, with its citations."""
        conversation = Conversation.model_validate(request)
        turns = [(record.question, read_answer(record.answer)) for record in conversation.turns]
        return conversation_export.markdown(conversation.name, turns)

    def _turn(
        self,
        identity: str,
        question: str,
        answer: Answer,
        sources: int,
        standings: Sequence[Standing] = (),
    ) -> Turn:
        turn = Turn(identity, question, answer, standings=standings, sources=sources)
        if not answer.abstained:
            return turn
        near = {citation.document_id for one in answer.alternatives for citation in one.citations}
        wording = question.strip().casefold()
        offered = [
            example.question
            for example in self._examples.offered() or ()
            if example.document_id in near and example.question.casefold() != wording
        ]
        return replace(turn, questions=offered[:_OFFERED_QUESTIONS])

    def _standing(self, citation: Citation) -> Standing:
        return standing(citation, self._assistant.find, self._assistant.document_at)


def _consequence(level: RiskLevel) -> str:
    right = 100 - level.risk * 100
    return (
        f"At this setting at least {right:.0f} of 100 shown answers were right on the evaluation "
        f"set, and {level.coverage:.0%} of the questions that its documents answer got one."
    )
