"""The span reader: a small model reads all chunks, a larger one re-reads the best of them.

The model that proposes the candidates then reads the sentences of the best of them alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiqa.reader.answer_type import of_asked_type
from aiqa.reader.deadline import Deadline
from aiqa.reader.enumeration import enumerated
from aiqa.reader.features import Support
from aiqa.reader.first_reading import FirstReading
from aiqa.reader.linear_model import FeatureTable, LinearModel, Values
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.question_type import how_many, question_type
from aiqa.reader.sentence_check import SentenceCheck, check_sentences
from aiqa.reader.sentence_selector import evidence_sentences
from aiqa.reader.span_decoder import Candidate, ReadWindow, candidates, read_windows
from aiqa.reader.span_features import (
    chunk_features,
    confidence_features,
    span_features,
)
from aiqa.text.analysis import folded
from aiqa.types import Reading, ScoredChunk, ScoredSpan

CERTAIN = 0.95
"""Probability, by the chunk model, with which the chunks that are re-read hold the answer."""

MOST_READ_AGAIN = 7
"""Most chunks that the larger model re-reads: more take time and seldom improve the answer."""

_SEARCH = 10.0
"""Weight of the fused score of the search beside the chunk model's, where chunks are reranked.
Without it Cranfield, whose queries are long and technical, is ranked worse than by the search."""

_MOST = 16
"""Candidates that are ranked; the rest is noise."""

_MOST_LISTED = 8
_LIST_MARGIN = 3.0
"""An item joins a list if its score is at most this much below the best."""


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """The fitted weights of a reader: they select the chunks to re-read and the best span."""

    chunks: LinearModel
    spans: LinearModel
    length: float = 0.5
    """Penalty on the log of a span's length, in characters, where spans overlap."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidate spans that do not overlap, best first, with scores and features.

    ``scores`` has shape ``(n,)``, ``evidence`` one row of ``span_features.CONFIDENCE`` per
    candidate; ``read`` are the windows of the model that proposed them.
    """

    candidates: tuple[Candidate, ...]
    scores: Values
    evidence: Values
    read: tuple[ReadWindow, ...]


class SpanReader:
    """Runs one or two models, ranks their candidates over all chunks, and forms the answer.

    ``first`` reads every chunk. ``second``, if given, re-reads the most ``promising`` ones, and the
    candidates are its spans; otherwise they are those of ``first``. Headings improve the larger
    model and mislead the small one, so only ``second`` reads chunks with their headings.
    """

    def __init__(
        self,
        first: SpanModel,
        second: SpanModel | None,
        weights: ReaderWeights,
        alone: ReaderWeights | None = None,
    ) -> None:
        """Read with these models; ``alone`` are the weights if only ``first`` has time to read."""
        self._first = first
        self._second = second
        self._weights = weights
        self._alone = SpanReader(first, None, alone) if alone else self

    @property
    def identity(self) -> str:
        """The identities of the models."""
        second = f"+{self._second.identity}" if self._second else ""
        return self._first.identity + second

    def read(
        self, question: str, chunks: Sequence[ScoredChunk], deadline: Deadline | None = None
    ) -> Reading:
        """Return the answer, formed by the type of question, and the other candidates.

        With a ``deadline``, as much is read as it leaves time for.
        """
        ranked = self.rank(question, chunks, deadline)
        spans = [
            ScoredSpan(
                c.hit.chunk, c.span, float(score), "span", tuple(map(float, row)),
                stated=c.score > c.null,
            )
            for c, score, row in zip(ranked.candidates, ranked.scores, ranked.evidence, strict=True)
        ]  # fmt: skip
        if not spans:
            return Reading()
        kind = question_type(question)
        answer = spans[:1]
        is_list = kind == "list"
        asked = how_many(question, 0)
        if items := enumerated(spans[0], ranked.read, asks_for_list=is_list, asked=asked):
            answer = items
        elif is_list:
            answer = _listed(question, spans)
        elif kind == "explanation":
            answer = evidence_sentences(spans[0], ranked.read)
        return Reading(
            tuple(answer),
            tuple(span for span in spans if not any(_same_place(span, other) for other in answer)),
        )

    def rank(
        self, question: str, chunks: Sequence[ScoredChunk], deadline: Deadline | None = None
    ) -> Ranked:
        """Return the candidates for ``question`` in ``chunks``, ranked."""
        if not chunks:
            return Ranked((), np.zeros(0), np.zeros((0, 0)), ())
        if deadline:
            chunks, read = deadline.read(self._first, question, chunks)
        else:
            read = read_windows(self._first, question, chunks, headings=False)
        support = Support(question, chunks)
        first = FirstReading(read)
        again, reader, model = read, self, self._first
        if self._second:
            promising = self.promising(chunk_features(chunks, first, support), chunks)
            if deadline:
                promising = list(deadline.affordable(promising))
            if promising:
                model = self._second
                again = read_windows(model, question, promising, headings=True)
            else:
                reader = self._alone
        spans = of_asked_type(question, candidates(again))
        check = self.check(model, question, spans)
        return reader.ranked(spans, span_features(spans, first, support, check), support, again)

    def promising(self, table: FeatureTable, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:
        """Return the fewest chunks that hold the answer with probability ``CERTAIN``, best first.

        They are at most ``MOST_READ_AGAIN``.
        """
        relevance = _softmax(self._weights.chunks.scores(table))
        order = np.argsort(-relevance, kind="stable")
        count = int(np.searchsorted(np.cumsum(relevance[order]), CERTAIN)) + 1
        return [chunks[i] for i in order[: min(count, MOST_READ_AGAIN)]]

    def rerank(self, question: str, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:
        """Return ``chunks`` by what the first model, the search and their words make of them.

        The chunk model is a conditional logit (McFadden, 1974), so ``relevance`` is the softmax.
        """
        if not chunks:
            return []
        read = FirstReading(read_windows(self._first, question, chunks, headings=False))
        table = chunk_features(chunks, read, Support(question, chunks))
        scores = self._weights.chunks.scores(table) + _SEARCH * table.column("fused")
        hits = [
            replace(hit, relevance=float(share))
            for hit, share in zip(chunks, _softmax(scores), strict=True)
        ]
        return sorted(hits, key=lambda hit: -(hit.relevance or 0.0))

    def ranked(
        self,
        spans: Sequence[Candidate],
        table: FeatureTable,
        support: Support,
        read: Sequence[ReadWindow],
    ) -> Ranked:
        """Rank candidates by their features: choose among overlapping spans, order the rest."""
        if not spans:
            return Ranked((), np.zeros(0), np.zeros((0, 0)), tuple(read))
        scores = self._weights.spans.scores(table)
        selection = self.apart(spans)
        selection.sort(key=lambda i: (-scores[i], *spans[i].position))
        evidence = confidence_features(selection, spans, table, scores, support)
        return Ranked(tuple(spans[i] for i in selection), scores[selection], evidence, tuple(read))

    def check(self, model: SpanModel, question: str, spans: Sequence[Candidate]) -> SentenceCheck:
        """Let ``model`` read the sentences of the best of ``spans``, each alone."""
        return check_sentences(model, question, [spans[i] for i in self.apart(spans)])

    def apart(self, spans: Sequence[Candidate]) -> list[int]:
        """Return the indices of candidates that overlap no better one, best first."""
        worth = [
            c.score - self._weights.length * math.log1p(c.span.end - c.span.start) for c in spans
        ]
        selection: list[int] = []
        for i in sorted(range(len(spans)), key=lambda i: (-worth[i], *spans[i].position)):
            document, span = spans[i].hit.chunk.document_id, spans[i].span
            if not any(
                spans[j].hit.chunk.document_id == document and spans[j].span.overlaps(span)
                for j in selection
            ):
                selection.append(i)
            if len(selection) == _MOST:
                break
        return selection


def _softmax(scores: Values) -> Values:
    worth = np.exp(scores - scores.max())
    shares: Values = worth / worth.sum()
    return shares


def _listed(question: str, spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Return the best span and others with nearly its score, as many as the question asks for."""
    listed: list[ScoredSpan] = []
    words: set[str] = set()
    for span in spans:
        own = folded(span.text)
        near = span.score >= spans[0].score - _LIST_MARGIN and span.stated
        if own not in words and (near or not listed):
            listed.append(span)
            words.add(own)
    return listed[: how_many(question, _MOST_LISTED)]


def _same_place(one: ScoredSpan, other: ScoredSpan) -> bool:
    """Whether one of two spans of the same document holds the other."""
    return one.chunk.document_id == other.chunk.document_id and (
        one.span.holds(other.span) or other.span.holds(one.span)
    )
