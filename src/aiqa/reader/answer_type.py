"""Candidates whose type is the one that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.values.dates import dates
from aiqa.answers.values.numerals import numerals
from aiqa.answers.values.quantities import COUNT, Quantity, unit_dimension
from aiqa.answers.values.reading import quantities_besides
from aiqa.reader.span_decoder import Candidate
from aiqa.types import Span

_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_NUMBER_ASKED = re.compile(r"\bhow many\b|\bwhat (?:number|percentage|percent)\b", re.IGNORECASE)
_QUANTIFIER = re.compile(
    r"\b(?:all|any|both|couple|dozens?|each|every|few|fewer|hundreds|infinite|majority|many|minority"
    r"|millions|most|multiple|no|none|nobody|nothing|numerous|once|pairs?|percent|quarters?|several"
    r"|single|third|thousands|thrice|twice|unlimited)\b",
    re.IGNORECASE,
)
"""Words that say how many without a numeral."""

_BLANK = re.compile(r"(?<!\w)_{2,}(?!\w)|…{2,}|\.{4,}|\[[\s_•●]*\]")
"""Where a template leaves something to be filled in."""

_ALIKE = frozenset({"time", "working time"})


def of_asked_type(question: str, spans: Sequence[Candidate]) -> list[Candidate]:
    """Return the ``spans`` without those that state nothing of the type that is asked for.

    "How many …?" asks for a number: words that say none do not answer. Nor does a blank of a
    template, whatever is asked, unless the span has a numeral beside it.

    "How many robots …?" asks for a count, "How many days …?" for a duration: an amount of money
    answers neither, nor do the words beside it in its sentence. All other numbers stay, bare
    numbers among them: the key or head beside them may have their unit.
    """
    spans = [span for span in spans if _states_something(span.text)]
    if _NUMBER_ASKED.search(question):
        spans = [span for span in spans if _states_a_number(span.text)]
    asked = _HOW_MANY.search(question)
    return _of_dimension(question, asked.end(), spans) if asked else spans


def _states_something(text: str) -> bool:
    return not _BLANK.search(text) or any(numerals(text))


def _states_a_number(text: str) -> bool:
    return bool(re.search(r"\d", text) or _QUANTIFIER.search(text)) or any(numerals(text))


def _of_dimension(question: str, place: int, spans: Sequence[Candidate]) -> list[Candidate]:
    """Return the spans without quantities that are not counts or of the unit at ``place``."""
    dimension = unit_dimension(question, place)
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
