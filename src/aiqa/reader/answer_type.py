"""Candidates whose type is the one that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.values.dates import dates
from aiqa.answers.values.quantities import COUNT, Quantity, unit_dimension
from aiqa.answers.values.reading import quantities_besides
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
    dimensions = _dimensions(spans)
    refuted = {
        _sentence(span)
        for span, own in zip(spans, dimensions, strict=True)
        if own and not own & wanted
    }
    return [
        span
        for span, own in zip(spans, dimensions, strict=True)
        if own & wanted or _sentence(span) not in refuted
    ]


def _sentence(candidate: Candidate) -> tuple[str, Span]:
    chunk = candidate.hit.chunk
    return chunk.document_id, chunk.sentence_around(candidate.span)


def _dimensions(spans: Sequence[Candidate]) -> list[set[str]]:
    """Return the dimensions of the quantities that each span overlaps, in its sentence."""
    stated: dict[tuple[str, Span], list[Quantity]] = {}
    dimensions = []
    for candidate in spans:
        place = _sentence(candidate)
        if place not in stated:
            words = candidate.hit.chunk.words(place[1])
            stated[place] = quantities_besides(dates(words), words)
        start, end = (at - place[1].start for at in (candidate.span.start, candidate.span.end))
        dimensions.append(
            {one.dimension for one in stated[place] if one.start < end and one.end > start}
        )
    return dimensions
