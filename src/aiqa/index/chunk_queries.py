"""Queries over the chunks of a catalog and their vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Vectors
from aiqa.index.database import damaged_error
from aiqa.index.queries import ACTIVE, JOINED, Queries, condition
from aiqa.index.stored_rows import StoredChunk, whole_vectors
from aiqa.index.stored_values import parsing, recipe_of
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Chunk, Filters

_ROWS_AT_ONCE = 4096


class Matching(NamedTuple):
    """What filters leave: the ids of ``documents``, and the ``keys`` of all their chunks."""

    documents: list[str]
    keys: NDArray[np.int64]


class ChunkQueries(Queries):
    """Queries over chunks and vectors, whose checksums are verified."""

    @property
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""
        rows = self._db.rows(
            "SELECT recipe FROM recipes WHERE id = (SELECT value FROM meta WHERE name = 'recipe')"
        )
        with parsing("The recipe"):
            return recipe_of(rows[0][0])

    def chunks(self, keys: Sequence[int], filters: Filters | None = None) -> list[Chunk]:
        """Return the chunks with these keys, in their order; missing keys are skipped.

        The source of each is the first that matches ``filters``. Only the chunks' own texts are
        read, so the time does not depend on the length of their documents.

        Raises:
            CatalogError: the checksum of a chunk does not match.
        """
        rows = self._stored(keys)
        where, values = condition(filters)
        documents = {
            document_id: fields
            for document_id, *fields in self._db.rows(
                f"SELECT documents.id, min(sources.source), title, format FROM {JOINED} "
                f"WHERE documents.id IN (SELECT value FROM json_each(?)) AND {where} "
                "GROUP BY documents.id",
                (json.dumps(list({row.document_id for row in rows})), *values),
            )
        }
        chunks = {
            row.key: row.chunk(*documents[row.document_id])
            for row in rows
            if row.document_id in documents
        }
        return [chunks[key] for key in keys if key in chunks]

    def titles(self, keys: Sequence[int]) -> dict[int, str]:
        """Return the titles of the documents of the chunks with these keys, by key."""
        return dict(
            self._db.rows(
                "SELECT key, title FROM chunks JOIN documents ON documents.id = document_id "
                "WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(list(keys)),),
            )
        )

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

    def keys_of(self, document_id: str) -> list[int]:
        """Return the keys of the searched chunks of a document, in order of position."""
        rows = self._db.rows(
            f"SELECT key FROM chunks WHERE {ACTIVE} AND document_id = ? ORDER BY start",
            (document_id,),
        )
        return [key for (key,) in rows]

    def chunks_by_document(self, keys: NDArray[np.int64]) -> Iterator[Chunk]:
        """Yield the chunks with these keys, grouped by document."""
        for some in _parts(keys):
            ordered = self._db.rows(
                "SELECT key FROM chunks WHERE key IN (SELECT value FROM json_each(?)) "
                "ORDER BY document_id, number",
                (json.dumps(some),),
            )
            yield from self.chunks([key for (key,) in ordered])

    def vectors(
        self, keys: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield keys, ``(n,)``, and vectors, ``(n, dimensions)``, a few thousand at a time.

        Raises:
            CatalogError: a chunk is missing, or its checksum does not match.
        """
        dimensions = self.recipe.dimensions
        for some in _parts(keys):
            rows = self._stored(some)
            if absent := set(some) - {row.key for row in rows}:
                raise damaged_error(f"Passage {min(absent)}")
            yield whole_vectors(rows, dimensions)

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

    def without_chunks(self, recipe: IndexRecipe) -> list[str]:
        """Return the ids of the documents without chunks of ``recipe``, in order."""
        rows = self._db.rows(
            "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM chunks "
            "WHERE recipe = (SELECT id FROM recipes WHERE recipe = ?)) ORDER BY id",
            (recipe.stored,),
        )
        return [row[0] for row in rows]

    def places(self, document_id: str) -> list[tuple[int, int, int]]:
        """Return key, start and end of all chunks of a document, of any recipe."""
        return [row[:3] for row in self.slices(document_id)]

    def slices(self, document_id: str) -> list[tuple[int, int, int, str]]:
        """Return key, start, end and stored text of all chunks of a document, of any recipe."""
        return self._db.rows(
            'SELECT key, start, "end", text FROM chunks WHERE document_id = ? ORDER BY start',
            (document_id,),
        )

    def _stored(self, keys: Sequence[int]) -> list[StoredChunk]:
        """Return what is stored of the chunks with these keys, as it was stored."""
        rows = self._db.rows(
            'SELECT key, document_id, section, page, start, "end", text, vector, sentences, '
            "checksum FROM chunks WHERE key IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(list(keys)),),
        )
        return list(starmap(StoredChunk, rows))


def _keys(rows: Iterator[tuple[int]]) -> NDArray[np.int64]:
    return np.fromiter((key for (key,) in rows), dtype=np.int64)


def _parts(keys: Sequence[int] | NDArray[np.int64]) -> Iterator[list[int]]:
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        yield [int(key) for key in keys[start : start + _ROWS_AT_ONCE]]
