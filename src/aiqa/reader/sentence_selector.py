"""Selection of whole sentences as an answer, by the logits of the evidence head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiqa.reader.span_decoder import ReadWindow
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
    own = chunk.sentence_around(span.span)
    scored: list[tuple[float, Span]] = []
    windows = [window for window in read if window.hit.chunk == chunk]
    for sentence in chunk.sentences:
        logits = [e for window in windows if (e := window.evidence(sentence)) is not None]
        if not sentence.overlaps(own) and max(logits, default=-1.0) > _LIKELY:
            scored.append((max(logits), sentence))
    scored.sort(key=lambda item: -item[0])
    places = [own, *(sentence for _, sentence in scored[: MOST - 1])]
    return [
        replace(span, span=place, kind="sentence")
        for place in sorted(places, key=lambda place: place.start)
    ]
