"""Logits to candidate spans: the best runs of word pieces of each window, as characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiqa.reader.qa_models import Logits, SpanModel
from aiqa.reader.windows import Window
from aiqa.types import ScoredChunk, Span

_LONGEST = 30
"""Word pieces of the longest short answer."""

_PER_WINDOW = 20
_NEVER = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of a chunk's text, in characters of the *document*.

    ``score``: logit of its start plus that of its end. ``null``: the same sum for "no answer", in
    the window that scores the span best. ``again`` and ``again_null``: the same two at a second
    look; without one, those of the first.
    """

    hit: ScoredChunk
    span: Span
    score: float
    null: float
    again: float
    again_null: float

    @property
    def text(self) -> str:
        """The words, as the document has them."""
        return self.hit.chunk.words(self.span)

    @property
    def position(self) -> tuple[str, int]:
        """Where it begins, in which source: the order of candidates that are equally good."""
        return self.hit.chunk.source, self.span.start


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """A window of a retrieved chunk with its logits."""

    hit: ScoredChunk
    window: Window
    logits: Logits

    @property
    def null(self) -> float:
        """How well "no answer" does here: the start and end logits of [CLS]."""
        return float(self.logits[0][0] + self.logits[1][0])


def read_windows(
    model: SpanModel, question: str, chunks: Sequence[ScoredChunk]
) -> list[ReadWindow]:
    """Every window of every chunk, in order, scored for ``question``."""
    cut = [(hit, w) for hit in chunks for w in model.windows.cut(question, hit.chunk.text)]
    logits = model.logits([window for _, window in cut])
    return [ReadWindow(hit, window, pair) for (hit, window), pair in zip(cut, logits, strict=True)]


def candidates(read: Sequence[ReadWindow]) -> list[Candidate]:
    """The best spans of each window; of a place that several windows hold, the best score.

    No span crosses a line break, which in canonical text ends a paragraph, list item or table row.
    Blanks and unpaired punctuation at the ends are left out.
    """
    best: dict[tuple[str, Span], Candidate] = {}
    for item in read:
        chunk = item.hit.chunk
        for first, last, score in _best_runs(item):
            inside = trimmed(chunk.text, item.window.span(first, last, chunk.text))
            if inside is None:
                continue
            span = Span(chunk.start + inside.start, chunk.start + inside.end)
            place = (chunk.document_id, span)
            if place not in best or best[place].score < score:
                best[place] = Candidate(item.hit, span, score, item.null, score, item.null)
    return list(best.values())


def _best_runs(item: ReadWindow) -> list[tuple[int, int, float]]:
    """First and last word piece (counted in ids) and score of the best runs, best first."""
    window = item.window
    count = len(window.places)
    inside = slice(window.first, window.first + count)
    starts, ends = (logits[inside] for logits in item.logits)
    band = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([ends, np.full(_LONGEST - 1, _NEVER)]), _LONGEST
    )
    scores = starts[:, np.newaxis] + band
    line = _lines(window, item.hit.chunk.text)
    lines = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([line, np.full(_LONGEST - 1, -1)]), _LONGEST
    )
    flat = np.where(lines == line[:, np.newaxis], scores, 2 * _NEVER).ravel()
    top = np.argsort(-flat, kind="stable")[: min(_PER_WINDOW, len(flat))]
    return [
        (window.first + i // _LONGEST, window.first + i // _LONGEST + i % _LONGEST, float(flat[i]))
        for i in map(int, top)
        if flat[i] > _NEVER
    ]


def _lines(window: Window, text: str) -> np.ndarray:
    """For each word piece of the chunk, the line that it stands in."""
    breaks = [i for i, character in enumerate(text) if character == "\n"]
    return np.searchsorted(breaks, window.places[:, 0])


_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "„": "“", "（": "）", "《": "》"}  # noqa: RUF001
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_LEADING = ",;:.!?、，。；：！？)]}"  # noqa: RUF001
_TRAILING = ",;:、，；：([{"  # noqa: RUF001


def trimmed(text: str, span: Span) -> Span | None:
    """``span`` of ``text`` without blanks and stray punctuation at its ends; None if none is left.

    A bracket or quotation mark goes if its partner is not within; if the partner follows directly,
    it is taken along instead. A full stop at the end stays: it may belong to an abbreviation.
    """
    start, end = span.start, span.end
    if end < len(text) and _lacks(text[start:end]) == text[end]:
        end += 1
    while start < end:
        words = text[start:end]
        if words[0].isspace() or (words[0] in _LEADING and not _is_decimal(words)):
            start += 1
        elif words[-1].isspace() or words[-1] in _TRAILING:
            end -= 1
        elif _opens_in_vain(words):
            start += 1
        elif _closes_in_vain(words):
            end -= 1
        else:
            break
    has_words = any(character.isalnum() for character in text[start:end])
    return Span(start, end) if has_words else None


def _is_decimal(words: str) -> bool:
    return words[0] == "." and words[1:2].isdecimal()


def _opens_in_vain(words: str) -> bool:
    first = words[0]
    if first in _PAIRS:
        return words.count(first) > words.count(_PAIRS[first])
    return first == '"' and words.count('"') % 2 == 1


def _closes_in_vain(words: str) -> bool:
    last = words[-1]
    if last in _CLOSING:
        return words.count(last) > words.count(_CLOSING[last])
    return last == '"' and words.count('"') % 2 == 1


def _lacks(words: str) -> str:
    """The closing mark that a bracket or quotation mark amid the words still waits for."""
    for opening, closing in _PAIRS.items():
        if words.count(opening) > words.count(closing):
            return closing
    return '"' if words.count('"') % 2 else ""
