"""Answers that are the items of a list, found from the span that the reader prefers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from aiqa.answers.values.numerals import numerals
from aiqa.reader.coordination import coordination
from aiqa.reader.span_decoder import ReadWindow
from aiqa.text.list_markers import ITEM_START
from aiqa.text.sentences import sentences
from aiqa.types import ScoredSpan, Span

_INLINE = re.compile(r"\s*:\s*(?=\(?(?:\d|[a-z]|i{1,3})\)\s)")
"""What stands between words and the enumeration, within their sentence, that they introduce."""

_LEAST_EVIDENCE = 0.5
_MARGIN = 10.0
"""An item answers too if the mean evidence logit of one of its sentences is at least the first of
these, and its best span's logits fall short of the preferred span's by at most the second. Chosen
on everyday questions about ordinary documents."""

_LEAST_ITEMS = 3
"""Items that must answer for a question that does not ask for a list by its wording."""

_MOST_ITEMS = 12


def enumerated(
    best: ScoredSpan, read: Sequence[ReadWindow], *, asks_for_list: bool, asked: int = 0
) -> list[ScoredSpan]:
    """Return the items of a list that answer together in place of ``best``, if there are any.

    These are the items that ``best`` introduces, or those around ``best`` that answer as well.
    Where the question asks for a list, they are also the items whose number it asks for, ``asked``,
    or the sentence before them gives ("There are four layers."), or what the sentence of ``best``
    names together with it.
    """
    chunk = best.chunk
    place = Span(best.span.start - chunk.start, best.span.end - chunk.start)
    lines = _lines(chunk.text)
    number = next(i for i, line in enumerate(lines) if place.start <= line.end)
    if rest := _introduced(chunk.text, place, lines, number):
        items = rest
    elif asks_for_list and (counted := _counted(chunk.text, place, lines, number, asked)):
        items = counted
    elif _is_item(chunk.text, lines[number]):
        items = _answering(best, read, _run(chunk.text, lines, number), lines[number])
        if len(items) < (2 if asks_for_list else _LEAST_ITEMS):
            return []
    elif asks_for_list:
        items = _named_together(best, read, place)
    else:
        return []
    return [
        replace(best, span=Span(chunk.start + item.start, chunk.start + item.end))
        for item in items[:_MOST_ITEMS]
    ]


def _lines(text: str) -> list[Span]:
    """Return the lines of ``text`` that are not blank."""
    return [Span(match.start(), match.end()) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]


def _is_item(text: str, line: Span) -> bool:
    return ITEM_START.match(text, line.start, line.end) is not None


def _body(text: str, line: Span) -> Span:
    """Return ``line`` without its marker."""
    marker = ITEM_START.match(text, line.start, line.end)
    return Span(marker.end() if marker else line.start, line.end)


def _run(text: str, lines: Sequence[Span], number: int) -> list[Span]:
    """Return the consecutive items that line ``number`` is one of, without one that leads in."""
    first = last = number
    while first and _is_item(text, lines[first - 1]) and text[lines[first - 1].end - 1] != ":":
        first -= 1
    while last + 1 < len(lines) and _is_item(text, lines[last + 1]):
        last += 1
    return list(lines[first : last + 1])


def _introduced(text: str, place: Span, lines: Sequence[Span], number: int) -> list[Span]:
    """Return what the words at ``place`` introduce: an enumeration after a colon, or items."""
    line = lines[number]
    if inline := _INLINE.match(text, place.end, line.end):
        return [Span(inline.end(), line.end)]
    if text[place.end : line.end].strip() not in (":", "") or text[line.end - 1] != ":":
        return []
    following = lines[number + 1 :]
    if not following or not _is_item(text, following[0]):
        return []
    return [_body(text, item) for item in _run(text, lines, number + 1) if item.start > line.end]


def _counted(text: str, place: Span, lines: Sequence[Span], number: int, asked: int) -> list[Span]:
    """Return the items whose number is ``asked`` or in the sentence before, which has ``place``.

    ``place`` may also be in one of the items.
    """
    before = number
    while before >= 0 and _is_item(text, lines[before]):
        before -= 1
    if before < 0 or before + 1 == len(lines):
        return []
    items = _run(text, lines, before + 1) if _is_item(text, lines[before + 1]) else []
    last = sentences(text[lines[before].start : lines[before].end])[-1]
    start = lines[before].start + last.start
    counts = {asked, *(one.value for one in numerals(text[start : lines[before].end]))}
    if place.start < start or len(items) < 2 or len(items) not in counts:  # noqa: PLR2004
        return []
    return [_body(text, item) for item in items]


def _named_together(best: ScoredSpan, read: Sequence[ReadWindow], place: Span) -> list[Span]:
    """Return the coordination that ``best`` is a member of, begun where the reader would."""
    chunk = best.chunk
    sentence = next((s for s in sentences(chunk.text) if s.holds(place)), None)
    found = sentence and coordination(chunk.text, sentence, place)
    if not found:
        return []
    first, last = found
    end = place.end if last.overlaps(place) else last.end
    if first.overlaps(place):
        return [Span(place.start, end)] if end > place.end else []
    inside = Span(chunk.start + first.start, chunk.start + first.end)
    starts = (w.best_start(inside) for w in read if w.hit.chunk == chunk)
    start = next((start - chunk.start for start in starts if start is not None), first.start)
    return [Span(start, end)]


def _answering(
    best: ScoredSpan, read: Sequence[ReadWindow], items: Sequence[Span], own: Span
) -> list[Span]:
    """Return the items from the first to the last that answer nearly as well as ``best``."""
    chunk = best.chunk
    windows = [window for window in read if window.hit.chunk == chunk]
    least = max((w.best_score(best.span) for w in windows), default=0.0) - _MARGIN
    answering = []
    for number, item in enumerate(items):
        place = Span(chunk.start + item.start, chunk.start + item.end)
        # An item may name what is asked for in its first words and go on about it.
        parts = [sentence for sentence in chunk.sentences if place.holds(sentence)] or [place]
        logits = (w.evidence(part) for w in windows for part in parts)
        evidence = max((e for e in logits if e is not None), default=-1.0)
        score = max((w.best_score(place) for w in windows), default=least - 1)
        if item == own or (evidence >= _LEAST_EVIDENCE and score >= least):
            answering.append(number)
    return [_body(chunk.text, item) for item in items[answering[0] : answering[-1] + 1]]
