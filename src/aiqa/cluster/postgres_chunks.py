"""Queries over the chunks of a catalog in PostgreSQL and their vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.cluster.postgres_queries import JOINED, PostgresQueries, postgres_condition, visible
from aiqa.embedders import Vectors
from aiqa.index.database import damaged_error
from aiqa.index.stored_rows import StoredChunk, whole_vectors
from aiqa.index.stored_values import parsing, recipe_of
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Chunk, Filters

COLUMNS = (
    'chunks.key, chunks.document_id, section, page, start, "end", chunks.text, vector, sentences, '
    "chunks.checksum"
)
"""The columns of ``chunks`` that ``stored_chunk`` takes."""

_ROWS_AT_ONCE = 4096


class PostgresChunks(PostgresQueries):
    """Queries over chunks and vectors, whose checksums are verified; see ``storage.Catalog``."""

    @property
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""
        ((stored,),) = self._db.rows(
            "SELECT recipe FROM recipes WHERE id = :id", id=self._view.recipe
        )
        with parsing("The recipe"):
            return recipe_of(stored)

    def chunks(self, keys: Sequence[int], filters: Filters | None = None) -> list[Chunk]:
        """Return the chunks with these keys, in their order; missing keys are skipped.

        Raises:
            CatalogError: the checksum of a chunk does not match.
        """
        rows = self._stored(keys)
        where, values = postgres_condition(filters)
        documents = {
            document_id: (source, title.decode(), format_name)
            for document_id, source, title, format_name in self._rows(
                "SELECT DISTINCT ON (documents.id) documents.id, source, title, format "
                f"FROM {JOINED} WHERE documents.id = ANY(CAST(:ids AS text[])) AND {where} "
                "ORDER BY documents.id, source",
                ids=list({row.document_id for row in rows}),
                **values,
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
        rows = self._rows(
            "SELECT key, title FROM chunks JOIN documents ON documents.id = document_id "
            f"AND {visible('documents')} WHERE key = ANY(CAST(:keys AS bigint[])) "
            f"AND {visible('chunks')}",
            keys=list(keys),
        )
        return {key: title.decode() for key, title in rows}

    def keys_of(self, document_id: str) -> list[int]:
        """Return the keys of the searched chunks of a document, in order of position."""
        rows = self._rows(
            "SELECT key FROM chunks WHERE document_id = :id AND recipe = :recipe "
            f"AND {visible('chunks')} ORDER BY start",
            id=document_id,
            recipe=self._view.recipe,
        )
        return [key for (key,) in rows]

    def vectors(
        self, keys: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield keys, ``(n,)``, and vectors, ``(n, dimensions)``, a few thousand at a time.

        Raises:
            CatalogError: a chunk is missing, or its checksum does not match.
        """
        dimensions = self.recipe.dimensions
        for start in range(0, len(keys), _ROWS_AT_ONCE):
            some = [int(key) for key in keys[start : start + _ROWS_AT_ONCE]]
            rows = self._stored(some)
            if absent := set(some) - {row.key for row in rows}:
                raise damaged_error(f"Passage {min(absent)}")
            yield whole_vectors(rows, dimensions)

    def without_chunks(self, recipe: IndexRecipe) -> list[str]:
        """Return the ids of the documents without chunks of ``recipe``, in order."""
        rows = self._rows(
            f"SELECT id FROM documents WHERE {visible('documents')} AND NOT EXISTS "
            "(SELECT 1 FROM chunks JOIN recipes ON recipes.id = chunks.recipe "
            "WHERE document_id = documents.id AND recipes.recipe = :recipe "
            f"AND {visible('chunks')}) ORDER BY id",
            recipe=recipe.stored,
        )
        return [document_id for (document_id,) in rows]

    def places(self, document_id: str) -> list[tuple[int, int, int]]:
        """Return key, start and end of all chunks of a document, of any recipe."""
        return [row[:3] for row in self.slices(document_id)]

    def slices(self, document_id: str) -> list[tuple[int, int, int, str]]:
        """Return key, start, end and stored text of all chunks of a document, of any recipe."""
        rows = self._rows(
            'SELECT key, start, "end", text FROM chunks '
            f"WHERE document_id = :id AND {visible('chunks')} ORDER BY start",
            id=document_id,
        )
        return [(key, start, end, text.decode()) for key, start, end, text in rows]

    def _stored(self, keys: Sequence[int]) -> list[StoredChunk]:
        rows = self._rows(
            f"SELECT {COLUMNS} FROM chunks WHERE key = ANY(CAST(:keys AS bigint[])) "
            f"AND {visible('chunks')} ORDER BY document_id, start",
            keys=list(keys),
        )
        return [stored_chunk(row) for row in rows]


def stored_chunk(row: Sequence[Any]) -> StoredChunk:
    """Return a row of ``COLUMNS``; its text is stored as bytes.

    Raises:
        CatalogError: they are no text.
    """
    key, document_id, section, page, start, end, text, *rest = row
    with parsing(f"Passage {key}"):
        return StoredChunk(key, document_id, section, page, start, end, text.decode(), *rest)
