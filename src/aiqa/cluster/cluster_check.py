"""Integrity check of an index in a cluster: what is stored, and whether the search finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.postgres_queries import visible
from aiqa.cluster.publication import tables_name
from aiqa.cluster.published import Published
from aiqa.embedders import Vectors
from aiqa.index.integrity import document_faults
from aiqa.storage.chunk_keys import KEYS
from aiqa.storage.search import Search
from aiqa.types import IndexCheck

_RECALL_AT = 20
_QUESTIONS = 200
_KEYS_AT_ONCE = 100_000
_CLOSE = 1e-4
"""Difference of cosines that rounding explains."""

_REBUILD = "`aiqa maintain --rebuild` makes the search tables again from the catalog."


def check_cluster(store: ClusterStore) -> IndexCheck:
    """Verify all stored data, compare the keys both ways, and ask sampled chunks for themselves.

    Raises:
        CatalogError: the database or the search tables cannot be read.
    """
    with store.reading():
        problems, lost = document_faults(store.catalog)
        published = Published.parse(store.view.publication.search)
        keys = _Keys.compared(store)
        problems += keys.problems
        share = None
        if not lost and keys.stored:
            problem, share = _asked_for_themselves(store, keys.sample)
            problems += problem
    return IndexCheck(
        problems=tuple(problems),
        lost=tuple(sorted(lost)),
        vector_index="inverted lists" if any(published.probes) else "exact",
        recall=share,
        recall_at=_RECALL_AT,
        recall_questions=_QUESTIONS,
    )


@dataclass(slots=True)
class _Keys:
    """Keys of the catalog against those of the search tables; ``sample`` is of those in both."""

    stored: int = 0
    only_stored: int = 0
    only_searched: int = 0
    twice: int = 0
    sample: list[int] = field(default_factory=list)

    @classmethod
    def compared(cls, store: ClusterStore) -> Self:
        """Compare all keys, those of a part of their range at a time."""
        publication = store.view.publication
        shards = store.tables.shards(tables_name(publication.recipe), publication.search)
        _, chunks = store.catalog.counts()
        count = -(-max(chunks, 1) // _KEYS_AT_ONCE)
        keys = cls()
        edges = [number * KEYS // count for number in range(count + 1)]
        for first, end in pairwise(edges):
            stored = _stored_keys(store, first, end - 1)
            searched = np.concatenate([shard.keys_between(first, end - 1) for shard in shards])
            keys.add(stored, searched, -(-_QUESTIONS // count))
        return keys

    def add(self, stored: NDArray[np.int64], searched: NDArray[np.int64], most: int) -> None:
        """Compare the keys of one part, and add up to ``most`` of them to the sample."""
        both = np.intersect1d(stored, searched)
        self.stored += len(stored)
        self.only_stored += len(stored) - len(both)
        self.twice += len(searched) - len(np.unique(searched))
        self.only_searched += len(np.setdiff1d(searched, stored))
        if len(both):
            chosen = np.linspace(0, len(both) - 1, min(most, len(both))).astype(np.int64)
            self.sample += both[chosen].tolist()

    @property
    def problems(self) -> list[str]:
        """Sentences on keys that only one side has, or that are searched twice."""
        counts = {
            "passages of the catalog are not searched": self.only_stored,
            "passages that are searched are not in the catalog": self.only_searched,
            "passages are in the search tables twice": self.twice,
        }
        return [f"{count:,} {what}. {_REBUILD}" for what, count in counts.items() if count]


def _stored_keys(store: ClusterStore, first: int, last: int) -> NDArray[np.int64]:
    """Return the keys of the catalog from ``first`` to ``last``."""
    rows = store.postgres.rows(
        "SELECT key FROM chunks WHERE key BETWEEN :first AND :last AND recipe = :recipe "
        f"AND {visible('chunks')}",
        first=first,
        last=last,
        recipe=store.view.recipe,
        at=store.view.at,
    )
    return np.array([key for (key,) in rows], dtype=np.int64)


def _asked_for_themselves(
    store: ClusterStore, sample: Sequence[int]
) -> tuple[list[str], float | None]:
    """Ask for sampled chunks by their own vectors and words.

    Return sentences on those that are not found, and the share that their vectors find.
    """
    if not sample:
        return [], None
    search = store.snapshot()
    vectors = {
        int(key): vector
        for some, batch in store.catalog.vectors(sample)
        for key, vector in zip(some, batch, strict=True)
    }
    texts = {chunk.key: chunk.text for chunk in store.catalog.chunks(sample)}
    near = [_is_near(search, key, vector) for key, vector in vectors.items()]
    problems: list[str] = []
    altered = sum(
        abs(search.cosines(vector, [key]).get(key, 0.0) - float(vector @ vector)) > _CLOSE
        for key, vector in vectors.items()
    )
    unread = sum(not _has_words(search, key, text) for key, text in texts.items())
    for count, what in ((altered, "vectors"), (unread, "words")):
        if count:
            problems.append(
                f"Of {len(sample)} sampled passages the search has other {what} than the catalog "
                f"for {count}. {_REBUILD}"
            )
    return problems, sum(near) / len(near)


def _is_near(search: Search, key: int, vector: Vectors) -> bool:
    """Tell whether a chunk, or as many that are as near, are found by its vector."""
    hits = search.nearest(vector, _RECALL_AT)
    return any(found == key for found, _ in hits) or (
        len(hits) == _RECALL_AT and hits[-1][1] >= float(vector @ vector) - _CLOSE
    )


def _has_words(search: Search, key: int, text: str) -> bool:
    """Tell whether a chunk is found by its own words, unless others have all of them, too."""
    hits = search.lexical(text, _RECALL_AT)
    own = search.lexical_scores(text, [key]).get(key)
    if own is None:
        return not hits  # none of its words is searched
    return any(found == key for found, _ in hits) or _is_full(hits, own)


def _is_full(hits: Sequence[tuple[int, float]], own: float) -> bool:
    return len(hits) == _RECALL_AT and hits[-1][1] >= own
