"""A second look: the sentences that are likeliest to answer are read once more, side by side.

Chunk by chunk, a span model takes any words of the right kind for an answer, and its scores are
hard to compare. With the best sentences of all chunks in one window it weighs them against each
other: attention runs across them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiqa.reader.qa_models import Logits, SpanModel
from aiqa.reader.span_decoder import Candidate
from aiqa.reader.windows import Window
from aiqa.text.sentences import enclosing
from aiqa.types import Chunk, Span

_MOST = 8
"""Sentences that are read again: they fill a window or two, where ten chunks fill ten or more."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence at ``span`` of the document of ``chunk``, and where it begins in the digest."""

    chunk: Chunk
    span: Span
    start: int

    def place(self, candidate: Candidate) -> Span | None:
        """Where the candidate stands in the digest; None if it is not of this sentence."""
        span, is_same = candidate.span, candidate.hit.chunk.document_id == self.chunk.document_id
        if not (is_same and self.span.holds(span)):
            return None
        moved = self.start - self.span.start
        return Span(span.start + moved, span.end + moved)


def reread(model: SpanModel, question: str, found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those in the likeliest sentences with what they score in their digest."""
    digest, text = _digest(found)
    windows = model.windows.cut(question, text)
    read = list(zip(windows, model.logits(windows), strict=True))
    seen = []
    for candidate in found:
        places = [place for sentence in digest if (place := sentence.place(candidate))]
        told = [both for place in places for w, pair in read if (both := _at(place, w, pair))]
        again, null = max(told, default=(candidate.again, candidate.again_null))
        seen.append(replace(candidate, again=again, again_null=null))
    return seen


def _at(place: Span, window: Window, logits: Logits) -> tuple[float, float] | None:
    """The score of a place and of "no answer"; None if the window does not hold it."""
    held = window.pieces(place)
    if held is None:
        return None
    starts, ends = logits
    return float(starts[held[0]] + ends[held[1]]), float(starts[0] + ends[0])


def _digest(found: Sequence[Candidate]) -> tuple[list[_Sentence], str]:
    """Sentences of the best candidates, best first and each once; and their text as one."""
    digest: list[_Sentence] = []
    texts: list[str] = []
    for candidate in sorted(found, key=lambda c: (-c.score, *c.position)):
        if any(sentence.place(candidate) for sentence in digest):
            continue
        chunk, span = candidate.hit.chunk, candidate.span
        inside = enclosing(
            chunk.text,
            Span(span.start - chunk.start, span.end - chunk.start),
            Span(0, len(chunk.text)),
        )
        whole = Span(chunk.start + inside.start, chunk.start + inside.end)
        digest.append(_Sentence(chunk, whole, sum(len(text) + 1 for text in texts)))
        texts.append(chunk.words(whole))
        if len(digest) == _MOST:
            break
    return digest, " ".join(texts)
