"""Reading by spans: the shortest words that answer, weighed over all chunks at once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from aiqa.embedders import Embedder
from aiqa.reader.features import Support, consensus, likeness
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.question_type import how_many, question_type
from aiqa.reader.second_pass import reread
from aiqa.reader.sentence_selector import Explaining
from aiqa.reader.span_decoder import Candidate, candidates, read_windows
from aiqa.reader.span_ranker import SpanRanker, apart, span_features
from aiqa.types import Chunk, Reading, ScoredChunk, ScoredSpan

EVIDENCE = (
    "score", "margin", "beats_null", "again", "consensus", "agreement",
    "dense", "likeness", "dense_lead", "elsewhere", "coverage",
    "sentence", "pairs", "unmatched", "denial", "denied",
)  # fmt: skip
"""What is known of a span: its ranking score; how far that is above the next of other words;
its logits above those of "no answer", in its chunk and at the second look; what ``consensus``
tells of its words over all chunks; log of the number of chunks that propose them; the cosine of
its chunk with the question, and that of its sentence; what ``_Rivals`` tells of its chunk; and what
``Support.of`` tells."""

_MOST_LISTED = 8
_LIST_MARGIN = 3.0
"""A thing joins a list if its score is at most this much below the best."""


class SpanReader:
    """Asks a span model, ranks its candidates over all chunks, and says what speaks for each."""

    def __init__(
        self, model: SpanModel, ranking: SpanRanker, explaining: Explaining, embedder: Embedder
    ) -> None:
        self._model = model
        self._ranking = ranking
        self._explaining = explaining
        self._embedder = embedder

    @property
    def identity(self) -> str:
        """Names the model's weights."""
        return self._model.identity

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        """The best span, several for a list, sentences for an explanation; and the others."""
        read = read_windows(self._model, question, chunks)
        kind = question_type(question)
        if kind == "explanation":
            chosen, rest = self._explaining.explain(question, read)
            return Reading(tuple(chosen), tuple(rest))
        found = reread(self._model, question, candidates(read))
        spans = self.weighed(question, found, chunks)
        listed = _listed(question, spans) if kind == "list" else spans[:1]
        return Reading(tuple(listed), tuple(span for span in spans if span not in listed))

    def weighed(
        self, question: str, found: Sequence[Candidate], chunks: Sequence[ScoredChunk]
    ) -> list[ScoredSpan]:
        """Candidates that overlap none better, best first, with their evidence."""
        if not found:
            return []
        support = Support(question, chunks)
        kept = apart(found)
        like = likeness(question, found, kept, support, self._embedder)
        scores = self._ranking.scores(span_features(found, support, like))
        # Those that overlap better ones still speak for their words. In logarithms: scores far
        # below the best would have no weight left to take one of.
        mass = defaultdict[str, float](lambda: -math.inf)
        for candidate, one in zip(found, scores, strict=True):
            mass[_words(candidate)] = float(np.logaddexp(mass[_words(candidate)], one))
        ranks = {id(c): float(one) for c, one in zip(found, scores, strict=True)}
        alike = {id(c): one for c, one in zip(found, like, strict=True)}
        kept.sort(key=lambda c: (-ranks[id(c)], *c.position))
        chunk_counts = defaultdict[str, int](int)
        best: dict[str, float] = {}
        for candidate in kept:
            chunk_counts[_words(candidate)] += 1
            best.setdefault(_words(candidate), ranks[id(candidate)])
        rivals = _Rivals(chunks, found)
        total = float(np.logaddexp.reduce(scores))
        agreed = consensus(best, {words: one - total for words, one in mass.items()})
        spans = []
        for candidate in kept:
            words, score = _words(candidate), ranks[id(candidate)]
            rival = max((s for other, s in best.items() if other != words), default=score - 10)
            evidence = (
                score,
                score - rival,
                candidate.score - candidate.null,
                candidate.again - candidate.again_null,
                agreed[words],
                math.log(chunk_counts[words]),
                candidate.hit.dense,
                alike[id(candidate)],
                *rivals.beside(candidate),
                *support.of(candidate.hit.chunk, candidate.span),
            )
            spans.append(
                ScoredSpan(
                    candidate.hit.chunk, candidate.span, score, "span", evidence,
                    stated=candidate.score > candidate.null,
                )
            )  # fmt: skip
        return spans


class _Rivals:
    """The chunks beside that of a span, less those that propose the same words."""

    def __init__(self, chunks: Sequence[ScoredChunk], found: Sequence[Candidate]) -> None:
        self._hits = {hit.chunk: hit for hit in chunks}
        self._beaten = dict.fromkeys(self._hits, 0.0)
        self._proposed = defaultdict[str, set[Chunk]](set)
        best: dict[Chunk, float] = {}
        for c in found:
            chunk = c.hit.chunk
            best[chunk] = max(best.get(chunk, -math.inf), c.score - c.null)
            self._proposed[_words(c)].add(chunk)
        self._beaten |= best

    def beside(self, candidate: Candidate) -> tuple[float, float]:
        """How its chunk stands beside theirs; nothing where there are none.

        Its cosine less the highest of theirs; and how far the best candidate of each of them is
        above "no answer", in the mean.
        """
        same = self._proposed[_words(candidate)]
        rivals = [hit for chunk, hit in self._hits.items() if chunk not in same]
        if not rivals:
            return 0.0, 0.0
        return (
            candidate.hit.dense - max(h.dense for h in rivals),
            sum(self._beaten[h.chunk] for h in rivals) / len(rivals),
        )


def _words(candidate: Candidate) -> str:
    return " ".join(candidate.text.casefold().split())


def _listed(question: str, spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """The best span and those of other words that are nearly as good, as many as are asked for."""
    listed: list[ScoredSpan] = []
    words: set[str] = set()
    for span in spans:
        own = " ".join(span.text.casefold().split())
        near = span.score >= spans[0].score - _LIST_MARGIN and span.stated
        if own not in words and (near or not listed):
            listed.append(span)
            words.add(own)
    return listed[: how_many(question, _MOST_LISTED)]
