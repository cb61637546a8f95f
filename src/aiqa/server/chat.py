"""Handlers of the chat page: answer, open a source, reopen earlier answers, keep feedback.

Requests are JSON that a browser made; ``schemas`` checks their shape, and a document is only ever
named by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from aiqa.answers.citation_check import Standing, renewed, standing
from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.serialization import answer_dict, read_answer
from aiqa.server import conversation_export
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.evidence_view import EvidencePanel, panel_html
from aiqa.server.rendering import render
from aiqa.server.schemas import (
    AskRequest,
    Conversation,
    Opinion,
    PlaceRequest,
    ScopeRequest,
)
from aiqa.server.suggestions import Examples
from aiqa.types import Answer, ChatTurn, Citation, Document, RiskLevel, Span

_A4 = (595.0, 842.0)
"""Points; for pages of which nothing is known, because they hold no text."""

_OFFERED_QUESTIONS = 3
"""Examples that are offered where there is no answer."""

_LONGEST_COMMENT = 1900
"""Characters of a rejected candidate that are kept."""

_MOST_LISTED = 100
"""Documents that are offered to be ticked at once."""


class Desk:
    """Answers what the page asks of the server, all of it in JSON."""

    def __init__(self, assistant: Assistant, examples: Examples) -> None:
        self._assistant = assistant
        self._examples = examples

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Questions to begin with, drawn; whether they are still being found."""
        examples = self._examples.offered()
        html = render("examples.html", examples=examples or ())
        return {"html": html, "waiting": examples is None}

    def given(self) -> dict[str, Any]:
        """What the page has to know of the settings, and what a strictness costs."""
        risks = [
            {"least": level.min_confidence, "told": _consequence(level)}
            for level in reversed(self._assistant.risk_levels())
            if level.coverage > 0
        ]
        return {"least": self._assistant.settings.min_confidence, "risks": risks}

    def scope(self, request: Mapping[str, Any]) -> str:
        """Boxes to tick for what is asked, the documents with a part of a name."""
        text = ScopeRequest.model_validate(request).text
        state = self._assistant.status()
        held = self._assistant.holdings()
        titles = Counter(one.title for one in held)
        # Two of one title are told apart by their paths.
        names = {
            one.source: one.title
            if one.title and titles[one.title] == 1
            else f"{one.title} ({one.source})".strip()
            for one in held
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
        """Keeps what somebody thinks of an answer."""
        opinion = Opinion.model_validate(request)
        chosen = opinion.selected
        correct = None
        if chosen:
            source = self._assistant.document(chosen.document_id).source
            correct = {"source": source, **chosen.model_dump()}
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
        """The answer, drawn, and as the record that the browser keeps; none for an error."""
        asked = AskRequest.model_validate(request)
        try:
            answer = self._assistant.ask(
                asked.question,
                history=[ChatTurn.of(read_answer(before.answer)) for before in asked.history],
                filters=asked.scope.filters,
                min_confidence=asked.least,
            )
        except AiqaError as error:
            turn = Turn(asked.id, asked.question, error=error)
            return {"id": asked.id, "html": turn_html(turn), "record": None}
        turn = self._turn(asked.id, asked.question, answer, asked.sources)
        record = {
            "id": asked.id,
            "question": asked.question,
            "answer": answer_dict(answer),
            "scope": asked.scope.model_dump(),
        }
        return {"id": asked.id, "html": turn_html(turn), "record": record}

    def reopen(self, request: Mapping[str, Any]) -> list[dict[str, str]]:
        """Earlier answers, drawn, each quote compared with the documents as they are now."""
        conversation = Conversation.model_validate(request)
        turns = []
        for kept in conversation.turns:
            answer, standings = renewed(read_answer(kept.answer), self._standing)
            turn = self._turn(kept.id, kept.question, answer, conversation.sources, standings)
            turns.append({"id": kept.id, "html": turn_html(turn)})
        return turns

    def open(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The evidence panel for a place in a document."""
        place = PlaceRequest.model_validate(request)
        document = self._assistant.document(place.document)
        return {"html": panel_html(self._opened(document, place))}

    def markdown(self, request: Mapping[str, Any]) -> str:
        """A conversation as Markdown, with its citations."""
        conversation = Conversation.model_validate(request)
        turns = [(kept.question, read_answer(kept.answer)) for kept in conversation.turns]
        return conversation_export.markdown(conversation.name, turns)

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
        asked = question.strip().casefold()
        offered = [
            example.question
            for example in self._examples.offered() or ()
            if example.document_id in near and example.question.casefold() != asked
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
