"""Selection of whole sentences as an answer, by the logits of the evidence head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiqa.reader.span_decoder import ReadWindow
from aiqa.text.sentences import enclosing, sentences
from aiqa.types import ScoredSpan, Span

_LIKELY = 0.0
"""Least mean evidence logit of a sentence of the answer: even odds."""

MOST = 5
"""Most sentences of an answer."""


def evidence_sentences(span: ScoredSpan, read: Sequence[ReadWindow]) -> list[ScoredSpan]:
    """Return the sentence of ``span`` and the sentences of its chunk that likely complete it.

    They are in text order, at most ``MOST``, and have the evidence of ``span``.
    """
    chunk = span.chunk
    own = enclosing(chunk.text, _moved(span.span, -chunk.start), Span(0, len(chunk.text)))
    scored: list[tuple[float, Span]] = []
    for sentence in sentences(chunk.text):
        place = _moved(sentence, chunk.start)
        logits = [
            e for item in read if item.hit.chunk == chunk if (e := item.evidence(place)) is not None
        ]
        if not sentence.overlaps(own) and max(logits, default=-1.0) > _LIKELY:
            scored.append((max(logits), place))
    scored.sort(key=lambda item: -item[0])
    places = [_moved(own, chunk.start), *(place for _, place in scored[: MOST - 1])]
    return [
        replace(span, span=place, kind="sentence")
        for place in sorted(places, key=lambda place: place.start)
    ]


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
