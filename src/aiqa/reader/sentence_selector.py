"""Answers of whole sentences: those that the reader's evidence head marks around a span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiqa.reader.span_decoder import ReadWindow
from aiqa.text.sentences import enclosing, sentences
from aiqa.types import ScoredSpan, Span

_LIKELY = 0.0
"""The mean evidence logit from which a sentence belongs to the answer: even odds."""

MOST = 5
"""Sentences of the longest answer."""


def evidence_sentences(span: ScoredSpan, read: Sequence[ReadWindow]) -> list[ScoredSpan]:
    """Return the sentence of ``span`` and the others of its chunk that likely answer with it.

    In text order, up to ``MOST``; all have the evidence of ``span``.
    """
    chunk = span.chunk
    own = enclosing(chunk.text, _moved(span.span, -chunk.start), Span(0, len(chunk.text)))
    scored: list[tuple[float, Span]] = []
    for sentence in sentences(chunk.text):
        place = _moved(sentence, chunk.start)
        said = [
            e for item in read if item.hit.chunk == chunk if (e := item.evidence(place)) is not None
        ]
        if not sentence.overlaps(own) and max(said, default=-1.0) > _LIKELY:
            scored.append((max(said), place))
    scored.sort(key=lambda item: -item[0])
    chosen = [_moved(own, chunk.start), *(place for _, place in scored[: MOST - 1])]
    return [
        replace(span, span=place, kind="sentence")
        for place in sorted(chosen, key=lambda place: place.start)
    ]


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
