"""Queries over the chunks of a catalog and their vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Vectors
from aiqa.index.database import damaged_error
from aiqa.index.sql_queries import SqlQueries, stored_text
from aiqa.index.stored_rows import StoredChunk, whole_vectors
from aiqa.index.stored_values import parsing
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Chunk, Filters

COLUMNS = 'key, document_id, section, page, start, "end", text, vector, sentences, chunks.checksum'
"""The columns of ``chunks`` that ``stored_chunk`` takes."""

_ROWS_AT_ONCE = 4096


class ChunkQueries(SqlQueries):
    """Queries over chunks and vectors, whose checksums are verified; see ``storage.Catalog``."""

    written: ClassVar[str]
    """The column by which chunks that were written together are in order."""

    @property
    @abstractmethod
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""

    @property
    @abstractmethod
    def _active(self) -> str:
        """An SQL condition on ``chunks``: those of the recipe that is searched."""

    @abstractmethod
    def _with_keys(self, keys: Sequence[int]) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition that ``key`` is one of ``keys``, and its values."""

    def chunks(self, keys: Sequence[int], filters: Filters | None = None) -> list[Chunk]:
        """Return the chunks with these keys, in their order; missing keys are skipped.

        The source of each is the first that matches ``filters``. Only the chunks' own texts are
        read, so the time does not depend on the length of their documents.

        Raises:
            CatalogError: the checksum of a chunk does not match.
        """
        rows = self._stored(keys)
        where, values = self._condition(filters)
        documents = {
            document_id: (source, stored_text(title), format_name)
            for document_id, source, title, format_name in self._rows(
                f"SELECT documents.id, min(sources.source), title, format FROM {self.joined} "
                f"WHERE {self._any_of('documents.id', 'ids')} AND {where} "
                "GROUP BY documents.id, title, format",
                ids=self._texts({row.document_id for row in rows}),
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
        where, values = self._with_keys(keys)
        rows = self._rows(
            "SELECT key, title FROM chunks JOIN documents ON documents.id = document_id "
            f"AND {self._visible('documents')} WHERE {where} AND {self._visible('chunks')}",
            **values,
        )
        return {key: stored_text(title) for key, title in rows}

    def keys_of(self, document_id: str) -> list[int]:
        """Return the keys of the searched chunks of a document, in order of position."""
        rows = self._rows(
            f"SELECT key FROM chunks WHERE document_id = :id AND {self._active} "
            f"AND {self._visible('chunks')} ORDER BY start",
            id=document_id,
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
        for some in parts(keys):
            rows = self._stored(some)
            if absent := set(some) - {row.key for row in rows}:
                raise damaged_error(f"Passage {min(absent)}")
            yield whole_vectors(rows, dimensions)

    def without_chunks(self, recipe: IndexRecipe) -> Iterator[str]:
        """Yield the ids of the documents without chunks of ``recipe``, in order."""
        rows = self._pages(
            f"SELECT id FROM documents WHERE id > :last AND {self._visible('documents')} "
            "AND NOT EXISTS (SELECT 1 FROM chunks JOIN recipes ON recipes.id = chunks.recipe "
            "WHERE document_id = documents.id AND recipes.recipe = :recipe "
            f"AND {self._visible('chunks')}) ORDER BY id",
            recipe=recipe.stored,
        )
        return (document_id for (document_id,) in rows)

    def places(self, document_id: str) -> list[tuple[int, int, int]]:
        """Return key, start and end of all chunks of a document, of any recipe."""
        return [row[:3] for row in self.slices(document_id)]

    def slices(self, document_id: str) -> list[tuple[int, int, int, str]]:
        """Return key, start, end and stored text of all chunks of a document, of any recipe."""
        rows = self._rows(
            'SELECT key, start, "end", text FROM chunks '
            f"WHERE document_id = :id AND {self._visible('chunks')} ORDER BY start",
            id=document_id,
        )
        return [(key, start, end, stored_text(text)) for key, start, end, text in rows]

    def _stored(self, keys: Sequence[int]) -> list[StoredChunk]:
        """Return what is stored of the chunks with these keys, as it was stored."""
        where, values = self._with_keys(keys)
        rows = self._rows(
            f"SELECT {COLUMNS} FROM chunks WHERE {where} AND {self._visible('chunks')} "
            f"ORDER BY {self.written}",
            **values,
        )
        return [stored_chunk(row) for row in rows]


def stored_chunk(row: Sequence[Any]) -> StoredChunk:
    """Return a row of ``COLUMNS``.

    Raises:
        CatalogError: its text is none.
    """
    key, document_id, section, page, start, end, text, *rest = row
    with parsing(f"Passage {key}"):
        return StoredChunk(key, document_id, section, page, start, end, stored_text(text), *rest)


def parts(keys: Sequence[int] | NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield ``keys`` in parts that are read at once."""
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        yield [int(key) for key in keys[start : start + _ROWS_AT_ONCE]]
