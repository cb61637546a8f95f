"""Handlers of the chat page: answer, open a source, reopen earlier answers, store feedback.

Requests are JSON that a browser made; ``schemas`` checks their shape, and a document is only ever
named by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

from aiqa.answers.citation_check import Standing, renewed, standing
from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.serialization import answer_dict, read_answer
from aiqa.server import conversation_export
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.evidence_view import EvidencePanel, panel_html
from aiqa.server.interface_language import use_language
from aiqa.server.promise import promise
from aiqa.server.rendering import render
from aiqa.server.schemas import (
    AskRequest,
    Conversation,
    Opinion,
    PlaceRequest,
    ScopeRequest,
)
from aiqa.server.suggestions import Examples
from aiqa.types import Answer, ChatTurn, Document, Span

_A4 = (595.0, 842.0)
"""Size in points of pages without text, whose size is unknown."""

_OFFERED_QUESTIONS = 3
"""Example questions shown beside an abstention."""

_LONGEST_COMMENT = 1900
"""Characters of a rejected candidate that are stored."""

_MOST_LISTED = 100
"""Most documents in the list of check boxes."""


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
        """Return the settings that the page begins with."""
        return {"least": self._assistant.settings.min_confidence}

    def promise(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Return what each strictness promises, and what that was measured on."""
        return promise(self._assistant)

    def scope(self, request: Mapping[str, Any]) -> str:
        """Return check boxes for the documents whose name contains a text."""
        text = ScopeRequest.model_validate(request).text
        state = self._assistant.status()
        holdings = self._assistant.holdings()
        titles = Counter(one.title for one in holdings)
        # Documents with the same title are distinguished by their paths.
        names = {
            one.source: one.title
            if one.title and titles[one.title] == 1
            else f"{one.title} ({one.source})".strip()
            for one in holdings
        }
        named = {
            source: name
            for source, name in sorted(names.items(), key=lambda item: item[1].casefold())
            if text.casefold() in f"{name}\n{source}".casefold()
        }
        return render(
            "scope.html",
            status=state,
            sources=dict(islice(named.items(), _MOST_LISTED)),
            more=max(len(named) - _MOST_LISTED, 0),
            text=text,
        )

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
        # Events do not run in the context of their request.
        use_language(fields.language)
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
        # Answers of one conversation cite the same documents.
        find, at = cache(self._assistant.find), cache(self._assistant.document_at)
        for record in conversation.turns:
            answer, standings = renewed(
                read_answer(record.answer), lambda citation: standing(citation, find, at)
            )
            turn = self._turn(record.id, record.question, answer, conversation.sources, standings)
            turns.append({"id": record.id, "html": turn_html(turn)})
        return turns

    def open(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the evidence panel for a place in a document."""
        place = PlaceRequest.model_validate(request)
        document = self._assistant.document(place.document)
        return {"html": panel_html(self._opened(document, place))}

    def markdown(self, request: Mapping[str, Any]) -> str:
        """Return a conversation as Markdown, with its citations."""
        conversation = Conversation.model_validate(request)
        turns = [(record.question, read_answer(record.answer)) for record in conversation.turns]
        return conversation_export.markdown(conversation.name, turns, conversation.address)

    def _opened(self, document: Document, place: PlaceRequest) -> EvidencePanel:
        text = document.text
        start = min(place.start, len(text))
        quote = Span(start, min(max(place.end, start), len(text)))
        sentence = Span(
            min(place.sentence_start or quote.start, quote.start),
            min(max(place.sentence_end or 0, quote.end), len(text)),
        )
        at = quote.start if place.at is None else min(place.at, len(text))
        opened = EvidencePanel(document, quote, sentence, at)
        page = place.page or document.page_at(quote.start)
        if document.format != "pdf" or place.view == "text" or page is None:
            return opened
        size = self._assistant.page_size(document.id, page)
        boxes = self._assistant.boxes(document.id, quote.start, quote.end)
        return replace(opened, page=page, size=size or _A4, boxes=boxes)

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
