"""Question to candidate chunks: dense and lexical search, fused by rank."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aiqa.embedding import Embedder
from aiqa.errors import QuestionError
from aiqa.index import Index
from aiqa.types import Filters, ScoredChunk

_AS_SAID, _CITED = 0.3, 0.1
"""What counts of a follow-up: the rankings for it as it was put, beside those for what it was
understood as; and by how much more a chunk of a document does that was cited just before. Chosen
on the dev half of ``eval/dialogues.jsonl``."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question was put, and the ``titles`` cited by the answer before it."""

    said: str
    titles: frozenset[str]


class Retriever:
    """Finds chunks in ``index``; ``weights`` are those of the dense and the lexical ranking."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        candidates: int,
        weights: tuple[float, float],
        rrf_k: float,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._candidates = candidates
        self._weights = weights
        self._rrf_k = rrf_k

    def search(
        self,
        question: str,
        k: int,
        filters: Filters | None = None,
        *,
        follow_up: FollowUp | None = None,
        without: Collection[int] = (),
    ) -> list[ScoredChunk]:
        """Up to ``k`` chunks, best first; equal scores are ordered by source and position.

        ``follow_up`` is given where ``question`` is what a follow-up was understood as: what it
        finds as it was put counts too, but less. Chunks with keys ``without`` are passed over, as
        if they were not in the index.

        Raises:
            QuestionError: no document fits ``filters``.
        """
        among = None if filters in (None, Filters()) else self._matching(filters)
        depth = max(self._candidates, k)
        wordings = [question, follow_up.said] if follow_up else [question]
        vectors = self._embedder.encode(wordings)
        snapshot = self._index.snapshot()
        fetched = depth + len(without)
        rankings = [
            dict([hit for hit in hits if hit[0] not in without][:depth])
            for wording, vector in zip(wordings, vectors, strict=True)
            for hits in (
                snapshot.nearest(vector, fetched, among),
                snapshot.lexical.search(wording, fetched, among),
            )
        ]
        weights = [*self._weights, *(_AS_SAID * weight for weight in self._weights)]
        fused = reciprocal_rank_fusion(
            [list(ranking) for ranking in rankings], weights[: len(rankings)], self._rrf_k
        )
        dense, lexical, *_ = rankings
        dense |= snapshot.cosines(vectors[0], [key for key in fused if key not in dense])
        cited = follow_up.titles if follow_up else frozenset()
        elsewhere = 1 / (1 + _CITED) if cited else 1.0
        found = [
            ScoredChunk(
                chunk,
                fused[chunk.key] * (1.0 if chunk.title in cited else elsewhere),
                dense[chunk.key],
                lexical.get(chunk.key),
            )
            for chunk in self._index.catalog.chunks(list(fused), filters)
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.chunk.source, hit.chunk.start))[:k]

    def _matching(self, filters: Filters) -> list[int]:
        keys = self._index.catalog.matching(filters)
        if not keys:
            raise QuestionError(
                "No document fits the given filters.",
                "`aiqa status` lists the sources; loosen the source, title or format filter.",
            )
        return keys


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[int]], weights: Sequence[float], k: float
) -> Mapping[int, float]:
    """Sum over rankings of ``weight / (k + rank)``, ranks from 1, divided by the most possible.

    Cormack, Clarke & Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods", SIGIR 2009; the weights and the scaling to [0, 1] are added here.
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, key in enumerate(ranking, 1) if weight else ():
            scores[key] = scores.get(key, 0.0) + weight / (k + rank)
    most = sum(weights) / (k + 1)
    return {key: score / most for key, score in scores.items()}
