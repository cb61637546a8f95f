"""The queries of a catalog as SQLite answers them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiqa.index.chunk_queries import ChunkQueries, parts
from aiqa.index.database import Database
from aiqa.index.document_queries import DocumentQueries
from aiqa.index.file_queries import FileQueries
from aiqa.index.sql_queries import SqlQueries
from aiqa.index.stored_rows import StoredDocument
from aiqa.index.stored_values import parsing, recipe_of
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Chunk, Document, Filters

ACTIVE = "recipe = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'recipe')"
"""An SQL condition on ``chunks``: those of the recipe that is searched."""

JOINED = (
    "sources JOIN documents ON documents.id = sources.document_id "
    "JOIN files ON files.source = sources.file"
)
"""An SQL join of every source with its document and its file."""

DAY = (
    "coalesce(substr(about ->> '$.published', 1, 10), "
    "iif(mtime_ns > 0, date(mtime_ns / 1000000000, 'unixepoch'), ''))"
)
"""The date of a document in ``JOINED``."""


class Matching(NamedTuple):
    """What filters leave: the ids of ``documents``, and the ``keys`` of all their chunks."""

    documents: list[str]
    keys: NDArray[np.int64]


class SqliteQueries(SqlQueries):
    """Reads from one catalog file."""

    joined = JOINED
    day = DAY

    def __init__(self, database: Database) -> None:
        self._db = database

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        return self._db.rows(statement, values)

    def _visible(self, table: str) -> str:  # noqa: ARG002  # rows of other generations are gone
        return "TRUE"

    def _any_of(self, column: str, name: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(:{name}))"

    def _texts(self, texts: Iterable[str]) -> str:
        return json.dumps(list(texts))

    def _condition(self, filters: Filters | None) -> tuple[str, dict[str, Any]]:
        return condition(filters)


class SqliteFiles(SqliteQueries, FileQueries):
    """Queries over files, sources and failures."""

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""
        ((documents, chunks),) = self._db.rows(
            f"SELECT (SELECT count(*) FROM sources), (SELECT count(*) FROM chunks WHERE {ACTIVE})"
        )
        return documents, chunks


class SqliteDocuments(SqliteQueries, DocumentQueries):
    """Queries over documents, whose checksums are verified."""

    layouts_read = "layouts"

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``."""
        where, values = condition(filters)
        for row in self._rows(
            "SELECT documents.id, min(sources.source), format, title, text, pages, headings, "
            f"about, documents.checksum FROM {JOINED} WHERE documents.id = :id AND {where} "
            "GROUP BY documents.id",
            id=document_id,
            **values,
        ):
            return StoredDocument(*row).document(self._blocks(document_id))
        return None

    def _blocks(self, document_id: str) -> list[str]:
        rows = self._rows(
            "SELECT block FROM blocks WHERE document_id = :id ORDER BY start", id=document_id
        )
        return [block for (block,) in rows]


class SqliteChunks(SqliteQueries, ChunkQueries):
    """Queries over chunks and vectors, whose checksums are verified."""

    written = "number"

    @property
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""
        rows = self._db.rows(
            "SELECT recipe FROM recipes WHERE id = (SELECT value FROM meta WHERE name = 'recipe')"
        )
        with parsing("The recipe"):
            return recipe_of(rows[0][0])

    @property
    def _active(self) -> str:
        return ACTIVE

    def _with_keys(self, keys: Sequence[int]) -> tuple[str, dict[str, Any]]:
        return "key IN (SELECT value FROM json_each(:keys))", {"keys": json.dumps(list(keys))}

    def keys(self) -> NDArray[np.int64]:
        """Return the keys of all chunks that are searched, as they are stored, shape ``(n,)``."""
        rows = self._db.stream(f"SELECT key FROM chunks WHERE {ACTIVE} ORDER BY born, number")
        return _keys(rows)

    def changed_since(self, generation: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the keys that are new since ``generation``, and those it had that are gone.

        What is gone and there again, with another vector perhaps, is in both.
        """
        new = self._db.stream(
            f"SELECT key FROM chunks WHERE {ACTIVE} AND born > ? ORDER BY born, number",
            (generation,),
        )
        gone = self._db.stream(
            f"SELECT key FROM deleted_chunks WHERE {ACTIVE} AND died > ? AND born <= ?",
            (generation, generation),
        )
        return _keys(new), _keys(gone)

    def chunks_by_document(self, keys: NDArray[np.int64]) -> Iterator[Chunk]:
        """Yield the chunks with these keys, grouped by document."""
        for some in parts(keys):
            ordered = self._db.rows(
                "SELECT key FROM chunks WHERE key IN (SELECT value FROM json_each(?)) "
                "ORDER BY document_id, number",
                (json.dumps(some),),
            )
            yield from self.chunks([key for (key,) in ordered])

    def matching(self, filters: Filters) -> Matching:
        """Return the documents that match ``filters``, and the keys of their chunks."""
        where, values = condition(filters)
        rows = self._db.rows(f"SELECT DISTINCT documents.id FROM {JOINED} WHERE {where}", values)
        documents = [document_id for (document_id,) in rows]
        keys = self._db.stream(
            f"SELECT key FROM chunks INDEXED BY chunks_by_document WHERE {ACTIVE} AND document_id "
            "IN (SELECT value FROM json_each(?))",
            (json.dumps(documents),),
        )
        return Matching(documents, _keys(keys))


def condition(filters: Filters | None) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition over ``JOINED`` that ``filters`` stand for, and its values."""
    conditions, values = ["TRUE"], dict[str, Any]()
    if filters is None:
        return "TRUE", values
    if filters.sources:
        patterns = {f"pattern{number}": one for number, one in enumerate(filters.sources)}
        conditions.append(f"({' OR '.join(f'sources.source GLOB :{name}' for name in patterns)})")
        values |= patterns
    if filters.title is not None:
        conditions.append("instr(casefold(title), casefold(:title)) > 0")
        values["title"] = filters.title
    for column, allowed in (("format", filters.formats), ("collection", filters.collections)):
        if allowed:
            conditions.append(f"{column} IN (SELECT value FROM json_each(:{column}s))")
            values[f"{column}s"] = json.dumps(list(allowed))
    for name, comparison, day in (("since", ">=", filters.since), ("until", "<=", filters.until)):
        if day is not None:
            conditions.append(f"({DAY} != '' AND {DAY} {comparison} :{name})")
            values[name] = day
    return " AND ".join(conditions), values


def _keys(rows: Iterator[tuple[int]]) -> NDArray[np.int64]:
    return np.fromiter((key for (key,) in rows), dtype=np.int64)
