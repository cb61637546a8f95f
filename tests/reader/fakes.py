"""Chunks and models that are made up, so that what becomes of them can be worked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from tokenizers import Tokenizer

from aiqa.ingestion.chunker import whole_chunk
from aiqa.reader.linear_model import LinearModel
from aiqa.reader.qa_models import Logits
from aiqa.reader.span_decoder import ReadWindow
from aiqa.reader.span_reader import ReaderWeights
from aiqa.reader.windows import Window, Windows
from aiqa.types import Document, ScoredChunk, Span

TEXT = (
    "The lamp on Gull Rock was lit in 1887 by Ada Moor. Ada Moor kept it until 1910, when Tom Reed "
    "followed her. The harbour office paid 40 crowns a year for the oil of the lamp."
)


def hit(
    text: str,
    source: str = "a.txt",
    start: int = 0,
    *,
    score: float = 1.0,
    dense: float = 0.5,
    lexical: float | None = 2.0,
) -> ScoredChunk:
    """A retrieved chunk; its heading is "Lamp"."""
    document = Document(source, source, "text", "Lamp", " " * start + text)
    chunk = whole_chunk(document, Span(start, start + len(text)))
    return ScoredChunk(chunk, score, dense, lexical)


def weights(
    chunks: Mapping[str, float] | None = None, spans: Mapping[str, float] | None = None
) -> ReaderWeights:
    """Weights that rank chunks by their cosine and spans by their score, unless told."""
    return ReaderWeights(LinearModel(chunks or {"dense": 1.0}), LinearModel(spans or {"score": 1}))


class Pointing:
    """A span model that starts and ends answers at given words, each with its logit.

    Elsewhere starts and ends have logits of -5, and evidence one of -1. "No answer" has 0. Where
    some of the words stand, the window answers with the highest of their logits, else with -3.
    ``read`` keeps the windows, as the tokeniser decodes them.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        words: Mapping[str, float],
        length: int = 384,
        identity: str = "pointing",
    ) -> None:
        self.identity = identity
        self.windows = Windows(tokenizer, length=length, overlap=8)
        self.read: list[str] = []
        self._tokenizer = tokenizer
        self._words = {
            tuple(tokenizer.encode(w, add_special_tokens=False).ids): x for w, x in words.items()
        }

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """The logits of each window, in order."""
        self.read += [
            self._tokenizer.decode(list(window.ids), skip_special_tokens=False)
            for window in windows
        ]
        return [self._logits(window) for window in windows]

    def _logits(self, window: Window) -> Logits:
        length = len(window.ids)
        starts, ends, evidence = (np.full(length, x, np.float32) for x in (-5, -5, -1))
        starts[0] = ends[0] = 0
        answering = -3.0
        for ids, x in self._words.items():
            for first in range(window.first, length - len(ids)):
                end = first + len(ids)
                if window.ids[first:end] == ids:
                    starts[first], ends[end - 1], evidence[first:end] = x, x, x
                    answering = max(answering, x)
        return Logits(starts, ends, evidence, answering)


def read_window(
    tokenizer: Tokenizer,
    of: ScoredChunk,
    starts: Mapping[str, float],
    ends: Mapping[str, float],
    evidence: Mapping[str, float],
    answering: float = 0.0,
    null: float = 0.0,
) -> ReadWindow:
    """A chunk's one window with logits of words: at the first word piece, the last, or all of them.

    They are 0 where none is given.
    """
    (window,) = Windows(tokenizer).cut("Who?", of.chunk.text)
    none = np.zeros(len(window.ids), np.float32)
    logits = Logits(none, none.copy(), none.copy(), answering)
    for words, x in starts.items():
        logits.starts[_pieces(window, of, words)[0]] = x
    for words, x in ends.items():
        logits.ends[_pieces(window, of, words)[1]] = x
    for words, x in evidence.items():
        first, last = _pieces(window, of, words)
        logits.evidence[first : last + 1] = x
    logits.starts[0] = null
    return ReadWindow(of, window, logits)


def _pieces(window: Window, of: ScoredChunk, words: str) -> tuple[int, int]:
    start = of.chunk.text.index(words)
    pieces = window.pieces(Span(start, start + len(words)))
    assert pieces
    return pieces


def place(of: ScoredChunk, words: str) -> Span:
    """Where a chunk has these words, in characters of its document."""
    start = of.chunk.start + of.chunk.text.index(words)
    return Span(start, start + len(words))
