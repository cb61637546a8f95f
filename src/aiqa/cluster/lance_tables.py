"""The search tables of an index: what a publication writes, and what maintenance does to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from aiqa.batches import batched
from aiqa.cluster.chunk_rows import WORDS, ChunkRow, record_batch, schema
from aiqa.cluster.lance_search import LanceSearch
from aiqa.cluster.lance_table import LanceTable, key_condition
from aiqa.cluster.object_store import delete_folder, folders, storage_options
from aiqa.cluster.published import Published
from aiqa.cluster.shard import Shard, open_table
from aiqa.cluster.shards import OwnShards, Shards
from aiqa.cluster.vector_lists import index_vectors
from aiqa.cluster.word_counts import WordChanges, WordCounts, words_schema, words_table

_KINDS = {
    "key": "BTREE",
    "format": "BITMAP",
    "folders": "LABEL_LIST",
    "collections": "LABEL_LIST",
    "newest": "BTREE",
    "oldest": "BTREE",
    **dict.fromkeys(WORDS, "INVERTED"),
}
_WORD_KINDS = {"word": "BTREE", "reversed": "BTREE"}

_WORDS_TABLE = "words.lance"

_KEYS_AT_ONCE = 4096

_ROWS_APPENDED = 20_000

_LEAST_UNINDEXED = 1000
_MOST_SHARE = 0.05
_MOST_UNINDEXED = 50_000
"""Rows without index from which a publication brings the indexes up to date: this share of all
rows, within these bounds. Until then a search looks through them one by one."""


class LanceTables:
    """The search tables at an address: for every set of tables, shards and a table of words.

    Only one process at a time may publish or maintain; any number may search.
    """

    def __init__(self, address: str, shards: int = 1) -> None:
        """Keep the tables at ``address``, a folder or a place in an object store."""
        self.address = address.rstrip("/")
        self._shards = shards
        self._options = storage_options(address)

    def publish(
        self,
        name: str,
        dimensions: int,
        base: str | None,
        gone: Iterable[int],
        rows: Iterable[ChunkRow],
    ) -> str:
        """Write a publication and return it, as ``search`` takes it.

        What was written after ``base``, as by a publisher that was killed, is undone first.

        Args:
            name: the name of the set of tables.
            dimensions: the dimensions of its vectors.
            base: the publication that this one follows; None for the first.
            gone: the keys of the rows of ``base`` that are no more, or are among ``rows`` again.
                Keys that ``base`` does not have are passed over.
            rows: the rows that are new.

        Raises:
            CatalogError: a table cannot be written, or another process has written to it.
        """
        before, tables, words = self._begun(name, dimensions, base)
        changes = WordChanges()
        for keys in batched(gone, _KEYS_AT_ONCE * len(tables)):
            for number, table in enumerate(tables):
                if not (own := [key for key in keys if key % len(tables) == number]):
                    continue
                scanned = table.dataset.scanner(columns=[*WORDS], filter=key_condition(own))
                changes.add([scanned.to_table()[column] for column in WORDS], -1)
                table.delete(own)
        for some_rows in batched(rows, _ROWS_APPENDED):
            for number, table in enumerate(tables):
                shared = [row for row in some_rows if row.key % len(tables) == number]
                if shared:
                    batch = record_batch(shared, dimensions)
                    changes.add([batch[column] for column in WORDS], 1)
                    table.append([batch], batch.schema)
        counts = changes.table()
        if len(counts):
            words.append(counts.to_batches(), words_schema())
        after = Published(
            shards=tuple(table.version for table in tables),
            words=words.version,
            chunks=before.chunks + changes.chunks,
            text_words=before.text_words + changes.lengths[0],
            context_words=before.context_words + changes.lengths[1],
            probes=before.probes,
        )
        if any(map(_is_due, tables)):
            return self._optimized(after, tables, words).stored
        return after.stored

    def optimize(self, name: str, published: str) -> str:
        """Compact the tables and bring indexes up to date; the returned publication is the same.

        Raises:
            CatalogError: a table cannot be written.
        """
        now = Published.parse(published)
        tables = [
            LanceTable.at(self._uri(name, number), version, self._options)
            for number, version in enumerate(now.shards)
        ]
        words = LanceTable.at(self._uri(name), now.words, self._options)
        return self._optimized(now, tables, words, compact=True).stored

    def sweep(self, name: str, kept: Sequence[str]) -> int:
        """Delete what no publication among ``kept`` needs, and return the number of bytes.

        The last of ``kept`` must be the current one.

        Raises:
            CatalogError: a table cannot be written.
        """
        publications = [Published.parse(one) for one in kept]
        last = publications[-1]
        swept = LanceTable.at(self._uri(name), last.words, self._options).sweep(
            one.words for one in publications
        )
        for number, version in enumerate(last.shards):
            table = LanceTable.at(self._uri(name, number), version, self._options)
            swept += table.sweep(one.shards[number] for one in publications)
        return swept

    def drop_others(self, names: Collection[str]) -> int:
        """Delete all sets of tables but those with these names, and return the number of bytes.

        Raises:
            CatalogError: the object store cannot be used.
        """
        return sum(
            delete_folder(self.address, name)
            for name in folders(self.address)
            if name not in names and _WORDS_TABLE in folders(f"{self.address}/{name}")
        )

    def shards(self, name: str, published: str) -> list[Shard]:
        """Return the shards of a publication."""
        now = Published.parse(published)
        return [
            Shard(self._uri(name, number), version, probes, number, len(now.shards), self._options)
            for number, (version, probes) in enumerate(zip(now.shards, now.probes, strict=True))
        ]

    def search(
        self, name: str, published: str, generation: int, shards: Shards | None = None
    ) -> LanceSearch:
        """Return the search of a publication, as ``generation``; by ``shards`` if they are given.

        Raises:
            CatalogError: a table cannot be read.
        """
        now = Published.parse(published)
        words = open_table(self._uri(name), now.words, self._options)
        asked = shards or OwnShards(self.shards(name, published))
        return LanceSearch(generation, now, asked, WordCounts(words))

    def _begun(
        self, name: str, dimensions: int, base: str | None
    ) -> tuple[Published, list[LanceTable], LanceTable]:
        """Return the publication that one follows, with its tables."""
        if base is None:
            rows = schema(dimensions)
            tables = [
                LanceTable.empty(self._uri(name, number), rows, self._options)
                for number in range(self._shards)
            ]
            words = LanceTable.empty(self._uri(name), words_schema(), self._options)
            none = Published((), 0, 0, 0, 0, (0,) * self._shards)
            return none, tables, words
        before = Published.parse(base)
        tables = [
            LanceTable.at(self._uri(name, number), version, self._options)
            for number, version in enumerate(before.shards)
        ]
        return before, tables, LanceTable.at(self._uri(name), before.words, self._options)

    def _optimized(
        self,
        now: Published,
        tables: Sequence[LanceTable],
        words: LanceTable,
        *,
        compact: bool = False,
    ) -> Published:
        probes = []
        for table in tables:
            if compact:
                table.compact()
            table.index(_KINDS)
            probes.append(index_vectors(table))
        if compact:
            words.replace(_summed(words.dataset))
        words.index(_WORD_KINDS)
        return Published(
            shards=tuple(table.version for table in tables),
            words=words.version,
            chunks=now.chunks,
            text_words=now.text_words,
            context_words=now.context_words,
            probes=tuple(probes),
        )

    def _uri(self, name: str, shard: int | None = None) -> str:
        table = _WORDS_TABLE if shard is None else f"chunks-{shard}.lance"
        return f"{self.address}/{name}/{table}"


def _is_due(table: LanceTable) -> bool:
    """Tell whether so many rows lack an index that searches take notably longer."""
    least = min(max(_LEAST_UNINDEXED, _MOST_SHARE * table.rows), _MOST_UNINDEXED)
    return table.unindexed("text") >= least


def _summed(dataset: Any) -> Any:
    """Return the table of words with one row for each word."""
    rows = dataset.scanner(columns=["word", "text", "context"]).to_table()
    sums = rows.group_by("word").aggregate([("text", "sum"), ("context", "sum")]).sort_by("word")
    columns = [sums[name].to_pylist() for name in ("word", "text_sum", "context_sum")]
    return words_table(row for row in zip(*columns, strict=True) if any(row[1:]))
