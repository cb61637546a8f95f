"""Things that a sentence names one after another: "A, B and C"."""

from __future__ import annotations

import re

from aiqa.types import Span

_SEPARATOR = re.compile(
    r",\s+((?:and|or|and/or|as\ well\ as)\s+)?|\s+(and|or|and/or)\s+", re.VERBOSE
)
_END = re.compile(r"[;:]|[.!?](?=\s|$)")
_LEAD = re.compile(r"\b(?:such as|including|namely|for example|e\.g\.)[,:]?\s+", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
_LONGEST = 8
"""Words of the longest member between two separators; what is longer is a clause."""


def coordination(text: str, sentence: Span, place: Span) -> tuple[Span, Span] | None:
    """Return the first and the last member of the coordination that ``place`` is within.

    A coordination has at least three members: all but the last are separated by commas, the last by
    "and" or "or". What stands before the first member within its clause is part of it, for nothing
    in the wording tells where that begins. None if ``place`` is in no coordination.
    """
    for aside in _ASIDE.finditer(text, sentence.start, sentence.end):
        if not Span(aside.start(), aside.end()).overlaps(place):
            text = text[: aside.start()] + "x" * len(aside[0]) + text[aside.end() :]
    end = next((m.start() for m in _END.finditer(text, place.end, sentence.end)), sentence.end)
    begun = [
        m.end() for edge in (_END, _LEAD) for m in edge.finditer(text, sentence.start, place.start)
    ]
    start = max(begun, default=sentence.start)
    separators = list(_SEPARATOR.finditer(text, start, end))
    for number, last in enumerate(separators):
        if not _is_last(last):
            continue
        first = number
        while first and not _is_last(separators[first - 1]):
            if (
                len(text[separators[first - 1].end() : separators[first].start()].split())
                > _LONGEST
            ):
                break
            first -= 1
        if first == number:
            continue
        begin = separators[first - 1].end() if first else start
        begin += len(text[begin:]) - len(text[begin:].lstrip())
        close = separators[number + 1].start() if number + 1 < len(separators) else end
        if begin <= place.start and place.end <= close:
            return Span(begin, separators[first].start()), Span(last.end(), close)
    return None


def _is_last(separator: re.Match[str]) -> bool:
    """Tell whether a separator has "and" or "or", so that the last member follows."""
    return separator.lastindex is not None
