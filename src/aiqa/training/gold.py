"""A gold set over an index as examples, so that a reader can learn a domain of its own."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.assistant import Assistant
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.gold import Question
from aiqa.training.examples import Example, Passage
from aiqa.types import Chunk, Span


def gold_examples(assistant: Assistant, questions: Sequence[Question]) -> list[Example]:
    """Each question with the chunks that search finds for it, those with evidence first.

    In a chunk with evidence, what answers are the answers' words within the quote, or the whole
    quote where it holds none of them. In the others nothing does.

    Raises:
        CatalogError: there is no usable index.
    """
    evidence = EvidenceMap(assistant.documents())
    found = []
    for question in questions:
        places = evidence.locate(question).places
        hits = assistant.search(question.question, k=assistant.settings.read_chunks)
        passages = [
            _passage(
                hit.chunk,
                [s for p in places if p.document_id == hit.chunk.document_id for s in p.spans],
                question.answers,
            )
            for hit in hits
        ]
        passages.sort(key=lambda passage: not passage.answers)
        if passages:
            found.append(Example(question.id, question.question, tuple(passages)))
    return found


def _passage(chunk: Chunk, quotes: Sequence[Span], answers: Sequence[str]) -> Passage:
    spans = []
    for quote in quotes:
        start, end = max(quote.start, chunk.start), min(quote.end, chunk.end)
        if start < end:
            inside = Span(start - chunk.start, end - chunk.start)
            spans += _wordings(chunk.text, inside, answers) or [inside]
    return Passage(chunk.text, tuple(dict.fromkeys(spans)))


def _wordings(text: str, inside: Span, answers: Sequence[str]) -> list[Span]:
    """Where the answers' words stand within the quote, whatever their case."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered, and would move the rest
        lowered = text
    places = []
    for answer in answers:
        at = lowered.find(answer.lower(), inside.start, inside.end)
        if at >= 0:
            places.append(Span(at, at + len(answer)))
    return places
