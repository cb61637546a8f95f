"""One Lance table, as the only writer of it sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from aiqa.batches import batched
from aiqa.cluster.lance_import import import_lance
from aiqa.cluster.shard import reading
from aiqa.errors import CatalogError

_KEYS_AT_ONCE = 4096

_WORDS = {
    "base_tokenizer": "whitespace",
    "lower_case": False,
    "stem": False,
    "remove_stop_words": False,
    "ascii_folding": False,
    "max_token_length": None,
    "with_position": False,
}
"""How Lance indexes columns of words: as they are."""


class LanceTable:
    """A table at a published version, on which a writer goes on.

    Whoever publishes holds a lock, but may lose it without notice. So what others commit meanwhile
    is noticed, and what a killed one left is undone when the next begins.
    """

    def __init__(self, uri: str, options: dict[str, str], dataset: Any) -> None:
        self.uri = uri
        self._options = options
        self.dataset = dataset

    @classmethod
    def at(cls, uri: str, version: int, options: dict[str, str]) -> Self:
        """Open the table at ``uri`` and undo what was committed after ``version``."""
        lance = import_lance()
        with reading(uri):
            latest = lance.dataset(uri, storage_options=options)
            if latest.version == version:
                return cls(uri, options, latest)
            lance.dataset(uri, version=version, storage_options=options).restore()
            return cls(uri, options, lance.dataset(uri, storage_options=options))

    @classmethod
    def empty(cls, uri: str, schema: Any, options: dict[str, str]) -> Self:
        """Create the table at ``uri``, in the place of one that was never published."""
        lance = import_lance()
        with reading(uri):
            try:
                latest = lance.dataset(uri, storage_options=options)
            except ValueError:
                mode, target = "create", uri
            else:
                mode, target = "overwrite", latest
            made = lance.write_dataset(
                schema.empty_table(), target, mode=mode, storage_options=options
            )
            return cls(uri, options, made)

    @property
    def version(self) -> int:
        """The version that this writer has made."""
        return int(self.dataset.version)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.dataset.count_rows())

    def append(self, batches: Iterable[Any], schema: Any) -> None:
        """Append record batches, in one commit."""
        import pyarrow as pa

        lance = import_lance()
        reader = pa.RecordBatchReader.from_batches(schema, batches)

        def commit() -> None:
            self.dataset = lance.write_dataset(reader, self.dataset, mode="append")

        self._commit(commit)

    def replace(self, table: Any) -> None:
        """Put ``table`` in the place of all rows; indexes are gone then."""
        lance = import_lance()

        def commit() -> None:
            self.dataset = lance.write_dataset(table, self.dataset, mode="overwrite")

        self._commit(commit)

    def delete(self, keys: Sequence[int]) -> None:
        """Delete the rows with these keys, in few commits."""
        for some in batched(keys, _KEYS_AT_ONCE):
            self._commit(lambda some=some: self.dataset.delete(key_condition(some)))  # type: ignore[misc]

    def compact(self) -> None:
        """Write small files together, without rows that were deleted."""
        with reading(self.uri):
            self.dataset.optimize.compact_files()

    def index(self, kinds: dict[str, str]) -> None:
        """Bring the indexes of columns up to date, given their kinds; make those that lack."""
        with reading(self.uri):
            present = self.indexes()
            for column, kind in kinds.items():
                if index_name(column) in present:
                    self.dataset.optimize.optimize_indices(index_names=[index_name(column)])
                else:
                    options = _WORDS if kind == "INVERTED" else {}
                    self.dataset.create_scalar_index(column, kind, **options)

    def indexes(self) -> set[str]:
        """Return the names of all indexes."""
        return {index.name for index in self.dataset.describe_indices()}

    def unindexed(self, column: str) -> int:
        """Return the number of rows that the index of a column lacks."""
        with reading(self.uri):
            if index_name(column) not in self.indexes():
                return self.rows
            return int(self.dataset.stats.index_stats(index_name(column))["num_unindexed_rows"])

    def sweep(self, kept: Iterable[int]) -> int:
        """Delete all versions but the latest and those that are ``kept``; return their bytes."""
        with reading(self.uri):
            old = {entry["version"] for entry in self.dataset.versions()} - {*kept, self.version}
            if not old:
                return 0
            return int(self.dataset.cleanup_old_versions(versions=sorted(old)).bytes_removed)

    def _commit(self, act: Callable[[], object]) -> None:
        before = self.version
        with reading(self.uri):
            act()
        if self.version > before + 1:
            raise CatalogError(
                f"Another process has written to the search table {self.uri}.",
                "Nothing is lost: what was stored is published the next time.",
            )


def index_name(column: str) -> str:
    """Return the name of the index of a column."""
    return f"{column}_idx"


def key_condition(keys: Sequence[int]) -> str:
    """Return the SQL condition for rows with these keys."""
    return f"key IN ({', '.join(str(int(key)) for key in keys)})" if len(keys) else "false"
