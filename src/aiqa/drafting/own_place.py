"""The answer to a drafted question from its own place alone, without a search."""

from __future__ import annotations

from aiqa.assistant import Assistant
from aiqa.drafting.question_drafts import Draft
from aiqa.types import Answer, Document, Span

_MOST_READ = 1500
"""Most characters of a place that are read."""

_AROUND = 300
"""Characters read before and after a place, as its passage would have them."""


def own_place_answer(assistant: Assistant, draft: Draft) -> Answer:
    """Return the answer from the place of ``draft`` alone."""
    document = assistant.document(draft.document_id)
    place = _read(draft.place, document)
    return assistant.ask_document(draft.question, document, within=place)


def _read(place: Span, document: Document) -> Span:
    end = min(place.end, place.start + _MOST_READ) + _AROUND
    return Span(max(place.start - _AROUND, 0), min(end, len(document.text)))
