"""A reader that ranks whole sentences by a linear model."""

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
from aiqa.types import Reading, ScoredChunk, ScoredSpan, Span

FEATURES = ("similarity", "coverage", "neighbourhood", "retrieval", "length")
"""The features of a sentence; see ``SentenceReader.features``."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of ``FEATURES``, as fitted and printed by ``python eval/fit.py``."""

    similarity: float
    coverage: float
    neighbourhood: float
    retrieval: float
    length: float

    def vector(self) -> NDArray[np.float64]:
        """Return the weights in order of ``FEATURES``, shape ``(5,)``."""
        return np.array([getattr(self, name) for name in FEATURES])


FITTED = Weights(
    similarity=4.456,
    coverage=6.450,
    neighbourhood=1.001,
    retrieval=7.798,
    length=0.318,
)

CALIBRATION = Calibration(("score",), (0.0,), (1.0,), (0.280,), -3.093)
"""Platt scaling of a sentence's score, fitted by the same script."""

_RUN_MARGIN = 2.0
"""A neighbour joins the best sentence if its score is at most this much lower."""
_RUN_LENGTH = 3


class SentenceReader:
    """Scores every sentence of every chunk by its own features and its neighbours'.

    For questions that ask for more than a fact (how, why, lists), neighbours with nearly the same
    score join the best sentence, up to three sentences in all.
    """

    def __init__(self, embedder: Embedder, weights: Weights = FITTED) -> None:
        self._embedder = embedder
        self._weights = weights

    @property
    def identity(self) -> str:
        """The name of this reader and the identity of its embedder."""
        return f"sentences, {self._embedder.identity}"

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        """Return the sentence, or run of sentences, that answers, and the others, best first."""
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

    def rerank(self, question: str, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:  # noqa: ARG002
        """Return ``chunks`` as they are: the search has compared the same words and vectors."""
        return list(chunks)

    def features(
        self, question: str, pieces: Sequence[tuple[ScoredChunk, Span]]
    ) -> NDArray[np.float64]:
        """Return one row per sentence and one column per feature, shape ``(n, 5)``.

        similarity: cosine of question and sentence. coverage: IDF-weighted share of the question's
        words in the sentence and its headings. neighbourhood: the highest similarity of the
        adjacent sentences. retrieval: cosine of chunk and question. length: log of the number of
        words.
        """
        texts = [hit.chunk.words(span) for hit, span in pieces]
        rows = list(zip(pieces, texts, strict=True))
        vectors = self._embedder.encode([question, *texts])
        similarity = vectors[1:] @ vectors[0]
        return np.column_stack(
            [
                similarity,
                shares(question, [f"{hit.chunk.context}\n{t}" for (hit, _), t in rows]),
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
        """Return the indices of the best sentence and the neighbours that join it, in order."""
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
    """Return every sentence of the chunks with its chunk, each place once."""
    pieces, seen = [], set()
    for hit in chunks:
        for span in hit.chunk.sentences:
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
