"""Candidates whose type is the one that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.values.dates import dates
from aiqa.answers.values.quantities import COUNT, quantities, unit_dimension
from aiqa.reader.span_decoder import Candidate
from aiqa.types import Span

_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_ALIKE = frozenset({"time", "working time"})


def of_asked_type(question: str, spans: Sequence[Candidate]) -> list[Candidate]:
    """Return the ``spans`` without those of a quantity that cannot answer "How many …?".

    "How many robots …?" asks for a count, "How many days …?" for a duration: an amount of money
    answers neither, nor do the words beside it in its sentence. All other spans stay, bare numbers
    among them: the key or head beside them may have their unit.
    """
    asked = _HOW_MANY.search(question)
    if asked is None:
        return list(spans)
    dimension = unit_dimension(question, asked.end())
    wanted = {COUNT, *(_ALIKE if dimension in _ALIKE else {dimension})}
    found = [_dimensions(span) for span in spans]
    refuted = {
        _sentence(span) for span, own in zip(spans, found, strict=True) if own and not own & wanted
    }
    return [
        span
        for span, own in zip(spans, found, strict=True)
        if own & wanted or _sentence(span) not in refuted
    ]


def _sentence(candidate: Candidate) -> tuple[str, Span]:
    chunk = candidate.hit.chunk
    return chunk.document_id, chunk.sentence_around(candidate.span)


def _dimensions(candidate: Candidate) -> frozenset[str]:
    """Return the dimensions of the quantities that a candidate overlaps, in its sentence."""
    chunk, span = candidate.hit.chunk, candidate.span
    sentence = chunk.sentence_around(span)
    words = chunk.words(sentence)
    for date in dates(words):
        words = words[: date.start] + " " * (date.end - date.start) + words[date.end :]
    start, end = span.start - sentence.start, span.end - sentence.start
    return frozenset(
        one.dimension for one in quantities(words) if one.start < end and one.end > start
    )
