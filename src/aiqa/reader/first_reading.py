"""What the first model makes of chunks, and of the spans that are found in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.reader.span_decoder import ReadWindow
from aiqa.types import Chunk, Span

UNREAD = -10.0
"""The logit of what is in no window."""

LEAST = -20.0
"""The least score of a span: how much worse it is does not matter."""


@dataclass(frozen=True, slots=True)
class ChunkReading:
    """A model's scores of a chunk, the highest of all windows.

    ``answering``: the answering logit; ``beats_null``: the highest start and end logits, wherever
    they are, over "no answer".
    """

    answering: float
    beats_null: float


_UNREAD_CHUNK = ChunkReading(UNREAD, UNREAD)


@dataclass(frozen=True, slots=True)
class SpanReading:
    """A model's scores of a span and of its sentence, the highest of all windows.

    ``score``: the logits of starting and ending just there, over "no answer"; ``evidence``: the
    mean evidence logit. ``sentence_score`` is that of the best span in the sentence,
    ``sentence_evidence`` the mean over the sentence.
    """

    score: float
    evidence: float
    sentence_score: float
    sentence_evidence: float


class FirstReading:
    """The windows that a model has read, by chunk."""

    def __init__(self, read: Sequence[ReadWindow]) -> None:
        self._windows: dict[Chunk, list[ReadWindow]] = {}
        for window in read:
            self._windows.setdefault(window.hit.chunk, []).append(window)
        self._chunks = {
            chunk: ChunkReading(
                max(window.logits.answering for window in windows), max(map(_beats_null, windows))
            )
            for chunk, windows in self._windows.items()
        }
        self._sentences: dict[tuple[Chunk, Span], tuple[float, float]] = {}

    def of_chunk(self, chunk: Chunk) -> ChunkReading:
        """Return the highest scores of the windows of ``chunk``."""
        return self._chunks.get(chunk, _UNREAD_CHUNK)

    def of_span(self, chunk: Chunk, span: Span) -> SpanReading:
        """Return the scores of ``span``, in characters of the document, and of its sentence."""
        windows = self._windows.get(chunk, ())
        score = max((window.score(span) for window in windows), default=-math.inf)
        return SpanReading(
            max(score, LEAST),
            highest_evidence(windows, span),
            *self._of_sentence(chunk, chunk.sentence_around(span)),
        )

    def _of_sentence(self, chunk: Chunk, sentence: Span) -> tuple[float, float]:
        place = (chunk, sentence)
        if place not in self._sentences:
            windows = self._windows.get(chunk, ())
            best = max((window.best_score(sentence) for window in windows), default=-math.inf)
            self._sentences[place] = (max(best, LEAST), highest_evidence(windows, sentence))
        return self._sentences[place]


def _beats_null(read: ReadWindow) -> float:
    inside = slice(read.window.first, read.window.first + len(read.window.places))
    starts, ends = read.logits.starts[inside], read.logits.ends[inside]
    return float(starts.max() + ends.max()) - read.logits.null


def highest_evidence(windows: Sequence[ReadWindow], span: Span) -> float:
    """Return the highest mean evidence logit of ``span`` in any of the ``windows`` of its chunk."""
    found = [one for window in windows if (one := window.evidence(span)) is not None]
    return max(found, default=UNREAD)
