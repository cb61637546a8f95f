"""The search of one generation of a cluster's index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aiqa.cluster.filter_sql import search_condition
from aiqa.cluster.lexical_scores import KnownWord, LexicalQuery, SimilarWords, known_rarity
from aiqa.cluster.published import Published
from aiqa.cluster.shard import Hits, best
from aiqa.cluster.shards import Shards
from aiqa.cluster.word_counts import WordCounts
from aiqa.index.bm25 import is_like_a_misspelling, rarity
from aiqa.text.analysis import terms
from aiqa.types import Filters

_QUERIES_KEPT = 256


class LanceSearch:
    """Searches the tables of one publication; see ``storage.Search`` for the methods."""

    def __init__(
        self, generation: int, published: Published, shards: Shards, words: WordCounts
    ) -> None:
        """Search ``shards`` with the statistics of ``words``, both as they were published."""
        self.generation = generation
        self._published = published
        self._shards = shards
        self._words = words
        self._queries = dict[str, LexicalQuery]()

    def nearest(self, vector: NDArray[np.float32], k: int, filters: Filters | None = None) -> Hits:
        """Return up to ``k`` keys nearest to ``vector``, ``(dimensions,)``, with exact cosines."""
        where = search_condition(filters)
        found = self._shards.each(lambda shard: shard.nearest(vector, k, where))
        return best((hit for hits in found for hit in hits), k)

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector``, ``(dimensions,)``, with that under each of ``keys``."""
        found = self._shards.each(lambda shard: shard.cosines(vector, keys))
        return _by_key(found, keys)

    def lexical(self, question: str, k: int, filters: Filters | None = None) -> Hits:
        """Return up to ``k`` keys of chunks that match ``question``, with BM25 scores."""
        query = self._query(question)
        if not query.has_words:
            return []
        where = search_condition(filters)
        found = self._shards.each(lambda shard: shard.lexical(query, k, where))
        return best((hit for hits in found for hit in hits), k)

    def lexical_scores(self, question: str, keys: Sequence[int]) -> dict[int, float]:
        """Return the BM25 scores of those of ``keys`` whose chunks match ``question``."""
        query = self._query(question)
        if not query.has_words:
            return {}
        found = self._shards.each(lambda shard: shard.lexical_scores(query, keys))
        return _by_key(found, keys)

    def any_matches(self, filters: Filters) -> bool:
        """Tell whether ``filters`` leave any chunk."""
        where = search_condition(filters)
        return any(self._shards.each(lambda shard: shard.any_matches(where)))

    def _query(self, question: str) -> LexicalQuery:
        """Return what to search for ``question``; those asked last are remembered."""
        query = self._queries.get(question)
        if query is None:
            if len(self._queries) >= _QUERIES_KEPT:
                self._queries = {}
            query = self._queries[question] = self._made(question)
        return query

    def _made(self, question: str) -> LexicalQuery:
        words = list(dict.fromkeys(terms(question)))
        chunks = self._published.chunks
        counts = self._words.counts(words)
        known = tuple(
            KnownWord(word, (known_rarity(chunks, text), known_rarity(chunks, context)))
            for word, (text, context) in counts.items()
        )
        unknown = (word for word in words if word not in counts and is_like_a_misspelling(word))
        similar = (self._words.similar(word) for word in unknown)
        return LexicalQuery(
            known,
            tuple(
                SimilarWords(some, rarity(chunks, self._matching(some))) for some in similar if some
            ),
            self._published.lengths,
        )

    def _matching(self, words: Sequence[str]) -> int:
        return sum(self._shards.each(lambda shard: shard.matching(words)))


def _by_key(found: Sequence[Hits], keys: Sequence[int]) -> dict[int, float]:
    """Return the values of all hits by key, in the order of ``keys``."""
    values = {key: value for hits in found for key, value in hits}
    return {key: values[key] for key in keys if key in values}
