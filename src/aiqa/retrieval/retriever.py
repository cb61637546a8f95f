"""Question to candidate chunks: dense and lexical search, fused by their scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Embedder
from aiqa.errors import CatalogError, QuestionError
from aiqa.index import Index
from aiqa.index.snapshot import Snapshot
from aiqa.retrieval.fusion import fuse
from aiqa.types import Filters, ScoredChunk

_AS_SAID, _CITED = 0.7, 0.3
"""What counts of a follow-up: the scores for it as it was put, beside those for what it was
understood as; and by how much more a chunk of a document does that was cited just before. Chosen
on the dev half of ``eval/dialogues.jsonl``."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question was put, and the ``titles`` cited by the answer before it."""

    said: str
    titles: frozenset[str]


class _Scores(NamedTuple):
    fused: float
    dense: float
    lexical: float | None


class Retriever:
    """Finds chunks in ``index``; ``weights`` are those of the dense and the lexical score."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        candidates: int,
        weights: tuple[float, float],
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._candidates = candidates
        self._weights = weights

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
            CatalogError: the index has vectors of another embedder.
        """
        self._check_embedder()
        among = None if filters in (None, Filters()) else self._matching(filters)
        depth = max(self._candidates, k)
        wordings = [question, follow_up.said] if follow_up else [question]
        vectors = self._embedder.encode(wordings)
        snapshot = self._index.snapshot()
        keys = list(
            dict.fromkeys(
                key
                for wording, vector in zip(wordings, vectors, strict=True)
                for key in self._found(snapshot, wording, vector, depth, among, without)
            )
        )
        told = [
            self._scored(snapshot, wording, vector, keys)
            for wording, vector in zip(wordings, vectors, strict=True)
        ]
        cited = follow_up.titles if follow_up else frozenset()
        elsewhere = 1 / (1 + _CITED) if cited else 1.0
        hits = []
        for chunk in self._index.catalog.chunks(keys, filters):
            each = [scored[chunk.key] for scored in told]
            score = np.average([one.fused for one in each], weights=[1.0, _AS_SAID][: len(each)])
            score *= 1.0 if chunk.title in cited else elsewhere
            hits.append(ScoredChunk(chunk, float(score), each[0].dense, each[0].lexical))
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.source, hit.chunk.start))[:k]

    def _found(
        self,
        snapshot: Snapshot,
        wording: str,
        vector: NDArray[np.float32],
        depth: int,
        among: Sequence[int] | None,
        without: Collection[int],
    ) -> list[int]:
        """Keys of what each half of the search that has weight finds, up to ``depth`` of each."""
        fetched = depth + len(without)
        dense, lexical = self._weights
        halves = [
            snapshot.nearest(vector, fetched, among) if dense else [],
            snapshot.lexical.search(wording, fetched, among) if lexical else [],
        ]
        return [
            key for hits in halves for key in [key for key, _ in hits if key not in without][:depth]
        ]

    def _scored(
        self, snapshot: Snapshot, wording: str, vector: NDArray[np.float32], keys: Sequence[int]
    ) -> dict[int, _Scores]:
        """The scores of chunks, whichever half found them."""
        dense = snapshot.cosines(vector, keys)
        lexical = dict(snapshot.lexical.search(wording, len(keys), keys)) if keys else {}
        fused = fuse(
            np.array(list(dense.values())),
            np.array([lexical.get(key, 0.0) for key in dense]),
            self._weights,
        )
        return {
            key: _Scores(float(one), cosine, lexical.get(key))
            for (key, cosine), one in zip(dense.items(), fused, strict=True)
        }

    def _check_embedder(self) -> None:
        stored = self._index.catalog.recipe.embedder
        if stored != self._embedder.identity:
            raise CatalogError(
                f"The index {self._index.folder} was made with the embedder {stored}, but "
                f"{self._embedder.identity} is set.",
                "Set the embedder back, or run `aiqa ingest` to embed the documents again.",
            )

    def _matching(self, filters: Filters) -> list[int]:
        keys = self._index.catalog.matching(filters)
        if not keys:
            raise QuestionError(
                "No document fits the given filters.",
                "`aiqa status` lists the sources; loosen the source, title or format filter.",
            )
        return keys
