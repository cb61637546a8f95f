"""Integrity check of an index in a cluster: what is stored, and whether the search finds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.postgres_queries import visible
from aiqa.cluster.publication import tables_name
from aiqa.cluster.published import Published
from aiqa.embedders import Vectors
from aiqa.index.integrity import document_faults
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
        stored, searched = _stored_keys(store), _searched_keys(store)
        problems += _key_problems(stored, searched)
        share = None
        if not lost and len(stored):
            problem, share = _asked_for_themselves(store, np.intersect1d(stored, searched))
            problems += problem
    return IndexCheck(
        problems=tuple(problems),
        lost=tuple(sorted(lost)),
        vector_index="inverted lists" if any(published.probes) else "exact",
        recall=share,
        recall_at=_RECALL_AT,
        recall_questions=_QUESTIONS,
    )


def _stored_keys(store: ClusterStore) -> NDArray[np.int64]:
    """Return the keys of the catalog, in order."""
    parts = [np.zeros(0, dtype=np.int64)]
    last = -1
    while rows := store.postgres.rows(
        f"SELECT key FROM chunks WHERE key > :last AND recipe = :recipe AND {visible('chunks')} "
        f"ORDER BY key LIMIT {_KEYS_AT_ONCE}",
        last=last,
        recipe=store.view.recipe,
        at=store.view.at,
    ):
        parts.append(np.array([key for (key,) in rows], dtype=np.int64))
        (last,) = rows[-1]
    return np.concatenate(parts)


def _searched_keys(store: ClusterStore) -> NDArray[np.int64]:
    """Return the keys of the search tables, in order."""
    publication = store.view.publication
    shards = store.tables.shards(tables_name(publication.recipe), publication.search)
    return np.sort(np.concatenate([shard.all_keys() for shard in shards]))


def _key_problems(stored: NDArray[np.int64], searched: NDArray[np.int64]) -> list[str]:
    """Return sentences on keys that only one side has, or that are searched twice."""
    counts = {
        "passages of the catalog are not searched": np.setdiff1d(stored, searched),
        "passages that are searched are not in the catalog": np.setdiff1d(searched, stored),
        "passages stand twice in the search tables": searched[1:][np.diff(searched) == 0],
    }
    return [f"{len(keys):,} {what}. {_REBUILD}" for what, keys in counts.items() if len(keys)]


def _asked_for_themselves(
    store: ClusterStore, keys: NDArray[np.int64]
) -> tuple[list[str], float | None]:
    """Ask for sampled chunks by their own vectors and words.

    Return sentences on those that are not found, and the share that their vectors find.
    """
    if not len(keys):
        return [], None
    sample = keys[np.linspace(0, len(keys) - 1, min(_QUESTIONS, len(keys))).astype(np.int64)]
    search = store.snapshot()
    vectors = {
        int(key): vector
        for some, batch in store.catalog.vectors(sample)
        for key, vector in zip(some, batch, strict=True)
    }
    texts = {chunk.key: chunk.text for chunk in store.catalog.chunks(sample.tolist())}
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
