"""Reading by sentences: each is scored by itself and by the company it keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aiqa.answers.calibration import Calibration
from aiqa.embedders import Embedder
from aiqa.reader.features import shares
from aiqa.reader.question_type import question_type
from aiqa.text.sentences import sentences
from aiqa.types import Reading, ScoredChunk, ScoredSpan, Span

FEATURES = ("similarity", "coverage", "neighbourhood", "retrieval", "length")
"""What the sentence reader knows of a sentence; see ``SentenceReader.features``."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each of ``FEATURES`` counts for; fitted by ``python eval/fit.py``, which prints them."""

    similarity: float
    coverage: float
    neighbourhood: float
    retrieval: float
    length: float

    def vector(self) -> NDArray[np.float64]:
        """The weights in order of ``FEATURES``, shape ``(5,)``."""
        return np.array([getattr(self, name) for name in FEATURES])


FITTED = Weights(
    similarity=4.456,
    coverage=6.450,
    neighbourhood=1.001,
    retrieval=7.798,
    length=0.318,
)

CALIBRATION = Calibration(("score",), (0.0,), (1.0,), (0.280,), -3.093)
"""Platt scaling of a sentence's score, by the same script."""

_RUN_MARGIN = 2.0
"""A neighbour joins the best sentence if its score is at most this much lower."""
_RUN_LENGTH = 3


class SentenceReader:
    """Scores every sentence of every chunk by itself and by the company it keeps.

    For questions that ask for more than a fact (how, why, lists) a sentence's neighbours join it
    where they are nearly as good, up to three in all.
    """

    def __init__(self, embedder: Embedder, weights: Weights = FITTED) -> None:
        self._embedder = embedder
        self._weights = weights

    @property
    def identity(self) -> str:
        """Names the reader and the embedder that it compares by."""
        return f"sentences, {self._embedder.identity}"

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        """The sentence, or run of them, that answers ``question``, and the others, best first."""
        pieces = sentence_candidates(chunks)
        if not pieces:
            return Reading()
        scores = self.features(question, pieces) @ self._weights.vector()
        order = sorted(
            range(len(pieces)),
            key=lambda i: (-scores[i], pieces[i][0].chunk.source, pieces[i][1].start),
        )
        runs = question_type(question) != "fact"
        spans: list[ScoredSpan] = []
        used: set[int] = set()
        for best in order:
            if best in used:
                continue
            run = self._run(best, pieces, scores, used) if runs else [best]
            used.update(run)
            hit, first = pieces[run[0]]
            span = Span(first.start, pieces[run[-1]][1].end)
            spans.append(
                ScoredSpan(
                    chunk=hit.chunk,
                    span=span,
                    score=float(scores[best]),
                    kind="sentences" if len(run) > 1 else "sentence",
                    evidence=(float(scores[best]),),
                )
            )
        return Reading(tuple(spans[:1]), tuple(spans[1:]))

    def features(
        self, question: str, pieces: Sequence[tuple[ScoredChunk, Span]]
    ) -> NDArray[np.float64]:
        """One row a sentence, one column for each of ``FEATURES``, shape ``(n, 5)``.

        similarity: cosine of question and sentence. coverage: share of the question's content words
        that the sentence or its headings have, rare words (among these sentences) counting more.
        neighbourhood: the best similarity of the sentences beside it. retrieval: the chunk's cosine
        with the question. length: log of the number of words.
        """
        texts = [hit.chunk.words(span) for hit, span in pieces]
        held = list(zip(pieces, texts, strict=True))
        vectors = self._embedder.encode([question, *texts])
        similarity = vectors[1:] @ vectors[0]
        return np.column_stack(
            [
                similarity,
                shares(question, [f"{hit.chunk.context}\n{t}" for (hit, _), t in held]),
                _neighbourhood(pieces, similarity),
                [hit.dense for hit, _ in pieces],
                [math.log(1 + len(text.split())) for text in texts],
            ]
        )

    @staticmethod
    def _run(
        best: int,
        pieces: Sequence[tuple[ScoredChunk, Span]],
        scores: NDArray[np.float64],
        used: set[int],
    ) -> list[int]:
        """Indices of the best sentence and the neighbours that join it, in text order."""
        run = [best]
        while len(run) < _RUN_LENGTH:
            beside = [
                i
                for i in (run[0] - 1, run[-1] + 1)
                if 0 <= i < len(pieces) and i not in used and pieces[i][0] is pieces[best][0]
            ]
            good = [i for i in beside if scores[i] >= scores[best] - _RUN_MARGIN]
            if not good:
                break
            run = sorted([*run, max(good, key=lambda i: (scores[i], -i))])
        return run


def sentence_candidates(chunks: Sequence[ScoredChunk]) -> list[tuple[ScoredChunk, Span]]:
    """Every sentence of the chunks with the chunk it stands in, each place once."""
    pieces, seen = [], set()
    for hit in chunks:
        for inside in sentences(hit.chunk.text):
            span = Span(hit.chunk.start + inside.start, hit.chunk.start + inside.end)
            place = (hit.chunk.document_id, span)
            if place not in seen:
                seen.add(place)
                pieces.append((hit, span))
    return pieces


def _neighbourhood(
    pieces: Sequence[tuple[ScoredChunk, Span]], similarity: NDArray[np.float32]
) -> list[float]:
    best = []
    for i, (hit, _) in enumerate(pieces):
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(pieces) and pieces[j][0] is hit]
        best.append(max((float(similarity[j]) for j in beside), default=0.0))
    return best
