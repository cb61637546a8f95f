"""Span decoding: logits to the best candidate spans of each window, in characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.qa_models import Logits, SpanModel
from aiqa.reader.span_boundaries import trimmed, whole_tokens
from aiqa.reader.windows import Window
from aiqa.text.list_markers import LIST_MARKER
from aiqa.types import ScoredChunk, Span

_LONGEST = 64
"""Word pieces of the longest span: long enough for a clause, not only a name."""

_PER_WINDOW = 20
_APART = 8
"""Best spans of a window, and best of those that overlap no better one: a second sentence or cell
of a table may answer where the first reading does not."""

_NEVER = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of a chunk's text, in characters of the *document*.

    ``score``: logit of its start plus that of its end. ``null``: the same sum for "no answer",
    ``answering``: the logit of answering at all, in the window that scores the span best.
    ``evidence``: the mean evidence logit of the span's word pieces there.
    """

    hit: ScoredChunk
    span: Span
    score: float
    null: float
    answering: float
    evidence: float

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.hit.chunk.words(self.span)

    @property
    def position(self) -> tuple[str, int]:
        """Source and start, by which candidates with equal scores are ordered."""
        return self.hit.chunk.source, self.span.start


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """A window of a retrieved chunk with its logits."""

    hit: ScoredChunk
    window: Window
    logits: Logits

    def evidence(self, span: Span) -> float | None:
        """Return the mean evidence logit of the word pieces of ``span`` of the document.

        None if the window has none of them.
        """
        inside = self._pieces(span)
        return float(self.logits.evidence[inside].mean()) if len(inside) else None

    def score(self, span: Span) -> float:
        """Return the logits of starting and ending at the ends of ``span``, less "no answer".

        Minus infinity where the window has none of its word pieces.
        """
        inside = self._pieces(span)
        if not len(inside):
            return -math.inf
        return float(
            self.logits.starts[inside[0]] + self.logits.ends[inside[-1]] - self.logits.null
        )

    def best_score(self, span: Span) -> float:
        """Return the best sum of a start and an end logit within ``span``, less "no answer".

        Minus infinity where the window has none of its word pieces.
        """
        inside = self._pieces(span)
        if not len(inside):
            return -math.inf
        # The best start up to each word piece, with an end there.
        starts = np.maximum.accumulate(self.logits.starts[inside])
        return float((starts + self.logits.ends[inside]).max()) - self.logits.null

    def best_start(self, span: Span) -> int | None:
        """Return where in the document the word piece of ``span`` begins that starts answers best.

        None if the window has none of its word pieces.
        """
        inside = self._pieces(span)
        if not len(inside):
            return None
        best = inside[int(self.logits.starts[inside].argmax())] - self.window.first
        return self.hit.chunk.start + int(self.window.places[best][0])

    def _pieces(self, span: Span) -> NDArray[np.int64]:
        """Return the positions in the logits of the word pieces of ``span`` of the document."""
        start, end = span.start - self.hit.chunk.start, span.end - self.hit.chunk.start
        places = self.window.places
        inside = np.flatnonzero((places[:, 0] < end) & (places[:, 1] > start))
        return inside + self.window.first


def read_windows(
    model: SpanModel, question: str, chunks: Sequence[ScoredChunk], *, headings: bool
) -> list[ReadWindow]:
    """Score every window of every chunk, in order, with the chunk's ``headings`` or without."""
    cut = [
        (hit, window)
        for hit in chunks
        for window in model.windows.cut(
            question, hit.chunk.text, hit.chunk.context if headings else ""
        )
    ]
    logits = model.logits([window for _, window in cut])
    return [ReadWindow(hit, window, one) for (hit, window), one in zip(cut, logits, strict=True)]


def candidates(read: Sequence[ReadWindow]) -> list[Candidate]:
    """Return the best spans of each window; a span of several windows has its best score.

    No span crosses a line break, which in canonical text ends a paragraph, list item or table row.
    Blanks and unpaired punctuation at the ends are stripped.
    """
    best: dict[tuple[str, Span], Candidate] = {}
    for item in read:
        chunk = item.hit.chunk
        for first, last, score in _best_runs(item):
            whole = whole_tokens(chunk.text, item.window.span(first, last, chunk.text))
            if _is_marker(chunk.text, whole):
                continue
            inside = trimmed(chunk.text, whole)
            if inside is None:
                continue
            span = Span(chunk.start + inside.start, chunk.start + inside.end)
            place = (chunk.document_id, span)
            if place not in best or best[place].score < score:
                logits = item.logits
                best[place] = Candidate(
                    item.hit, span, score, logits.null, logits.answering, item.evidence(span) or 0.0
                )
    return list(best.values())


def _is_marker(text: str, span: Span) -> bool:
    """Tell whether a span is no more than the marker of a list item."""
    line = text.rfind("\n", 0, span.start) + 1
    marker = LIST_MARKER.match(text, line)
    return marker is not None and span.end <= marker.end()


def _best_runs(item: ReadWindow) -> list[tuple[int, int, float]]:
    """Return first and last word piece (indices of ids) and score of the best spans."""
    window = item.window
    count = len(window.places)
    inside = slice(window.first, window.first + count)
    starts, ends = item.logits.starts[inside], item.logits.ends[inside]
    band = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([ends, np.full(_LONGEST - 1, _NEVER)]), _LONGEST
    )
    scores = starts[:, np.newaxis] + band
    line = _lines(window, item.hit.chunk.text)
    lines = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([line, np.full(_LONGEST - 1, -1)]), _LONGEST
    )
    allowed = np.where(lines == line[:, np.newaxis], scores, 2 * _NEVER)
    flat = allowed.ravel()
    top = np.argsort(-flat, kind="stable")[: min(_PER_WINDOW, len(flat))]
    runs = dict.fromkeys([*map(int, top), *_best_apart(allowed)])
    return [
        (window.first + i // _LONGEST, window.first + i // _LONGEST + i % _LONGEST, float(flat[i]))
        for i in runs
        if flat[i] > _NEVER
    ]


def _best_apart(scores: NDArray[np.float32]) -> list[int]:
    """Return the flat indices of the best runs, one from each start, that do not overlap."""
    lengths = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), lengths]
    taken = np.zeros(len(scores), bool)
    indices: list[int] = []
    for start in map(int, np.argsort(-best, kind="stable")):
        inside = slice(start, start + int(lengths[start]) + 1)
        if not taken[inside].any():
            taken[inside] = True
            indices.append(start * _LONGEST + int(lengths[start]))
            if len(indices) == _APART:
                break
    return indices


def _lines(window: Window, text: str) -> np.ndarray:
    """Return the line number of each word piece of the chunk, shape ``(n,)``."""
    breaks = [i for i, character in enumerate(text) if character == "\n"]
    return np.searchsorted(breaks, window.places[:, 0])
