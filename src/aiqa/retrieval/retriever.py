"""The retriever: dense and lexical search, with the scores of their union fused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Embedder
from aiqa.errors import CatalogError, QuestionError
from aiqa.retrieval.fusion import fuse
from aiqa.storage import Search, Store
from aiqa.types import Filters, ScoredChunk

_ORIGINAL, _CITED = 0.7, 0.3
"""For a follow-up question: the weight of its original wording, relative to the rewritten one, and
the bonus of chunks of a document that the last answer cited. Tuned on the dev half of
``eval/dialogues.jsonl``."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The original wording of a rewritten question, and the titles that the last answer cited."""

    wording: str
    titles: frozenset[str]


class _Scores(NamedTuple):
    fused: float
    dense: float
    lexical: float | None


class Retriever:
    """Searches chunks by embedding and by BM25, and ranks the union by fused scores."""

    def __init__(
        self,
        index: Store,
        embedder: Embedder,
        candidates: int,
        weights: tuple[float, float],
    ) -> None:
        """Search ``index`` with ``embedder``.

        Args:
            index: the index.
            embedder: the embedder of its vectors.
            candidates: chunks from each of the two searches.
            weights: the weights of the dense and the lexical score.
        """
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
        """Return up to ``k`` chunks, best first; ties are ordered by source and position.

        Args:
            question: the question, rewritten if it is a follow-up.
            k: the number of chunks.
            filters: restrict the search to documents that match.
            follow_up: the original wording of a follow-up, which is searched, too.
            without: keys of chunks to exclude.

        Raises:
            QuestionError: no document matches ``filters``.
            CatalogError: the index has vectors of another embedder.
        """
        self._check_embedder()
        snapshot = self._index.snapshot()
        if filters and not snapshot.any_matches(filters):
            raise QuestionError(
                "No document fits the given filters.",
                "`aiqa status` lists the sources; loosen the source, title or format filter.",
            )
        depth = max(self._candidates, k)
        wordings = [question, follow_up.wording] if follow_up else [question]
        vectors = self._embedder.encode(wordings)
        keys = list(
            dict.fromkeys(
                key
                for wording, vector in zip(wordings, vectors, strict=True)
                for key in self._candidate_keys(snapshot, wording, vector, depth, filters, without)
            )
        )
        scores = [
            self._scored(snapshot, wording, vector, keys)
            for wording, vector in zip(wordings, vectors, strict=True)
        ]
        weights = [1.0, _ORIGINAL][: len(scores)]
        totals = {
            key: sum(w * by_key[key].fused for w, by_key in zip(weights, scores, strict=True))
            / sum(weights)
            for key in keys
        }
        if follow_up and follow_up.titles:
            for key, title in self._index.catalog.titles(keys).items():
                totals[key] *= 1.0 if title in follow_up.titles else 1 / (1 + _CITED)
        hits = [
            ScoredChunk(chunk, totals[chunk.key], first.dense, first.lexical)
            for chunk in self._index.catalog.chunks(_best(totals, k), filters)
            for first in [scores[0][chunk.key]]
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.source, hit.chunk.start))[:k]

    def _candidate_keys(
        self,
        snapshot: Search,
        wording: str,
        vector: NDArray[np.float32],
        depth: int,
        filters: Filters | None,
        without: Collection[int],
    ) -> list[int]:
        """Return the keys from each search with a weight, up to ``depth`` of each."""
        limit = depth + len(without)
        dense, lexical = self._weights
        halves = [
            snapshot.nearest(vector, limit, filters) if dense else [],
            snapshot.lexical(wording, limit, filters) if lexical else [],
        ]
        return [
            key for hits in halves for key in [key for key, _ in hits if key not in without][:depth]
        ]

    def _scored(
        self, snapshot: Search, wording: str, vector: NDArray[np.float32], keys: Sequence[int]
    ) -> dict[int, _Scores]:
        """Return the scores of chunks, by key, whichever search returned them."""
        dense = snapshot.cosines(vector, keys)
        lexical = snapshot.lexical_scores(wording, keys)
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
                f"The index {self._index.name} was made with the embedder {stored}, but "
                f"{self._embedder.identity} is set.",
                "Set the embedder back, or run `aiqa ingest` to embed the documents again.",
            )


def _best(scores: Mapping[int, float], k: int) -> list[int]:
    """Return the keys of the ``k`` best scores, and all others that are as good as the last."""
    if len(scores) <= k:
        return list(scores)
    least = sorted(scores.values(), reverse=True)[k - 1]
    return [key for key, score in scores.items() if score >= least]
