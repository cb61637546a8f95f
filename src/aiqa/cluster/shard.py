"""A shard: one of the search tables that an index is cut into, at one version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.cluster.chunk_rows import WORDS
from aiqa.cluster.lance_import import import_lance
from aiqa.cluster.lexical_scores import LexicalQuery
from aiqa.errors import CatalogError
from aiqa.shared_property import SharedProperty

_REFINED = 5
"""Candidates whose vectors are compared exactly, as a multiple of the hits."""

_LEAST_CANDIDATES = 200
_MOST_CANDIDATES = 6400
_DEEPER = 4
"""How many candidates of Lance's own ranking get exact scores, and how that grows."""

_SLACK = 1.2
"""Largest factor between an exact score and Lance's own: lengths are rounded down by up to an
eighth, and Lance's counts of words may lag behind removed chunks."""

_SIMILAR = 2.0
"""Weight of words that stand for a misspelling: their exact score does not fall with the length of
the chunk, as Lance's does."""

ALL_LISTS = 2**20
"""More lists than any index has."""

_PLAIN: dict[str, Any] = {"disable_scoring_autoprojection": True}
"""Only the columns that are asked for."""

_SESSIONS = dict[str, Any]()
"""Lance's cache, once there is one."""

Hits = list[tuple[int, float]]


@dataclass(frozen=True)
class Shard:
    """The table at ``uri`` in one ``version``; it has the chunks whose key % ``of`` is ``number``.

    ``probes`` are the lists of vectors that a search looks at; 0 if it looks at all vectors.
    """

    uri: str
    version: int
    probes: int = 0
    number: int = 0
    of: int = 1
    options: dict[str, str] = field(default_factory=dict, repr=False, hash=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the open table behind."""
        return type(self), (
            self.uri, self.version, self.probes, self.number, self.of, self.options
        )  # fmt: skip

    @SharedProperty
    def _table(self) -> Any:
        return open_table(self.uri, self.version, self.options)

    def nearest(self, vector: NDArray[np.float32], k: int, where: str | None) -> Hits:
        """Return up to ``k`` keys nearest to ``vector`` under a condition, with exact cosines."""
        # A few allowed rows may be in lists far from the question, so all are searched.
        probes = ALL_LISTS if self.probes and where is not None else self.probes
        options = nearest_options(vector, k, probes)
        rows = self._scan(["key", "vector"], **options, filter=where, prefilter=True)
        return best(zip(*_cosines(rows, vector), strict=True), k)

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> Hits:
        """Return the cosines of ``vector`` with those under ``keys`` of this shard."""
        rows = self._rows(keys, ["key", "vector"])
        return list(zip(*_cosines(rows, vector), strict=True))

    def lexical(self, query: LexicalQuery, k: int, where: str | None) -> Hits:
        """Return up to ``k`` keys with the best scores.

        Lance proposes candidates, until none that it has not proposed can be better.
        """
        if not query.known and len(query.similar) == 1:
            # All matches are equally good.
            group = query.similar[0]
            rows = self._scan(
                ["key"], full_text_query=_any_of((group.words, 1.0)), filter=where, prefilter=True
            )
            return best(((key, group.score) for key in rows["key"].to_pylist()), k)
        depth = max(_LEAST_CANDIDATES, _DEEPER * k)
        while True:
            rows = self._scan(
                ["key", *WORDS, "_score"],
                full_text_query=_full_text(query),
                filter=where,
                prefilter=True,
                limit=depth,
            )
            hits = best(_scored(rows, query), k)
            if rows.num_rows < depth or depth >= _MOST_CANDIDATES:
                return hits
            if len(hits) == k and hits[-1][1] > _SLACK * min(rows["_score"].to_pylist()):
                return hits
            depth *= _DEEPER

    def lexical_scores(self, query: LexicalQuery, keys: Sequence[int]) -> Hits:
        """Return the scores of those of ``keys`` that match and are of this shard."""
        return _scored(self._rows(keys, ["key", *WORDS]), query)

    def matching(self, words: Sequence[str]) -> int:
        """Return the number of chunks that have any of ``words``."""
        return len(self._scan(["key"], full_text_query=_any_of((words, 1.0))))

    def any_matches(self, where: str | None) -> bool:
        """Tell whether any chunk meets a condition."""
        return len(self._scan(["key"], filter=where, limit=1)) > 0

    def keys_between(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the keys of all chunks from ``first`` to ``last``, shape ``(n,)``."""
        keys = self._scan(["key"], filter=f"key BETWEEN {first} AND {last}")["key"].to_numpy()
        return np.asarray(keys, dtype=np.int64)

    def _rows(self, keys: Sequence[int], columns: list[str]) -> Any:
        own = [str(int(key)) for key in keys if key % self.of == self.number]
        where = f"key IN ({', '.join(own)})" if own else "false"
        return self._scan(columns, filter=where)

    def _scan(self, columns: list[str], **options: Any) -> Any:
        with reading(self.uri):
            return self._table.scanner(columns=columns, **_PLAIN | options).to_table()


def nearest_options(vector: NDArray[np.float32], k: int, probes: int) -> dict[str, Any]:
    """Return how Lance is asked for the nearest vectors; 0 ``probes`` have it look at all."""
    search: dict[str, Any] = {"column": "vector", "q": vector, "k": k, "metric": "cosine"}
    how = {"nprobes": probes, "refine_factor": _REFINED} if probes else {"use_index": False}
    return {"nearest": search | how, **_PLAIN}


def open_table(uri: str, version: int, options: dict[str, str]) -> Any:
    """Open a version of the table at ``uri``.

    What this process has read of any table, such as an index that versions share, is not read
    again.

    Raises:
        CatalogError: there is no such table or version, or it cannot be reached.
    """
    lance = import_lance()
    with reading(uri):
        table = lance.dataset(
            uri, version=version, storage_options=options, session=_SESSIONS.get("first")
        )
        _SESSIONS.setdefault("first", table.session())
        return table


@contextmanager
def reading(uri: str) -> Iterator[None]:
    """Raise CatalogError for a table at ``uri`` that cannot be read."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise CatalogError(
            f"The search table {uri} cannot be read: {reason}",
            "Check that the object store can be reached; `aiqa doctor` compares it with the "
            "catalog.",
        ) from error


def best(hits: Iterable[tuple[int, float]], k: int) -> Hits:
    """Return up to ``k`` hits, best first; equal scores are ordered by key."""
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]


def _cosines(rows: Any, vector: NDArray[np.float32]) -> tuple[list[int], list[float]]:
    flat = rows["vector"].combine_chunks().flatten().to_numpy()
    cosines = flat.reshape(-1, len(vector)) @ vector
    return rows["key"].to_pylist(), cosines.tolist()


def _scored(rows: Any, query: LexicalQuery) -> Hits:
    """Return the keys and scores of the rows that match."""
    scores = query.scores(*(rows[column] for column in WORDS)).tolist()
    keys = rows["key"].to_pylist()
    return [(key, score) for key, score in zip(keys, scores, strict=True) if score > 0]


def _full_text(query: LexicalQuery) -> Any:
    """Return the query that has Lance propose candidates, with scores not far below the exact."""
    weighted = [(tuple(word.word for word in query.known), 1.0)] if query.known else []
    return _any_of(*weighted, *((group.words, _SIMILAR) for group in query.similar))


def _any_of(*weighted: tuple[Sequence[str], float]) -> Any:
    """Return the query for any of the words of some groups, each with a weight."""
    query = import_lance().query
    return query.BooleanQuery(
        [
            (query.Occur.SHOULD, query.MatchQuery(" ".join(words), column, boost=weight))
            for words, weight in weighted
            for column in WORDS
        ]
    )
