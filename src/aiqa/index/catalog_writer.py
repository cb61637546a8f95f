"""Changes to the catalog within one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

from aiqa.embedders import Vectors
from aiqa.index.stored_rows import StoredChunk, StoredDocument, stored_blocks
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Chunk, Document, Failure

_NEXT = "(SELECT coalesce(max(generation), 0) + 1 FROM generations)"
"""The number of the generation that a transaction begins."""

_STORED = ", ".join("?" * len(StoredChunk._fields))


class SqliteChanges:
    """Writes to a catalog within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._unlinked: set[str] = set()

    def file(self, file: StoredFile) -> None:
        """Insert or update a file; its sources and failures stay."""
        self._db.execute(
            "INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (source) DO UPDATE "
            "SET collection = ?2, size = ?3, mtime_ns = ?4, checksum = ?5, loader = ?6",
            astuple(file),
        )

    def put(self, document: Document, loader: int) -> None:
        """Store ``document`` as read by version ``loader``; it needs a source, see ``link``."""
        self._unlinked.add(document.id)
        blocks = stored_blocks(document)
        row = StoredDocument.of(document, blocks)
        self._db.execute(
            "INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
            "ON CONFLICT (id) DO UPDATE SET format = ?2, title = ?3, text = ?4, pages = ?5, "
            "headings = ?6, about = ?7, loader = ?8, checksum = ?9",
            (
                row.id,
                row.format,
                row.title,
                row.text,
                row.pages,
                row.headings,
                row.about,
                loader,
                row.checksum,
            ),
        )
        self._db.execute("DELETE FROM blocks WHERE document_id = ?", (document.id,))
        self._db.executemany(
            "INSERT INTO blocks VALUES (?, ?, ?)",
            (
                (document.id, block.start, stored)
                for block, stored in zip(document.blocks, blocks, strict=True)
            ),
        )
        self._db.execute("DELETE FROM layouts WHERE document_id = ?", (document.id,))
        self._db.executemany(
            "INSERT INTO layouts VALUES (?, ?, ?, ?, ?, ?)",
            (
                (document.id, page.number, page.start, page.width, page.height, page.boxes)
                for page in document.layouts
            ),
        )

    def put_chunks(
        self, document_id: str, recipe: IndexRecipe, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Store the chunks and vectors of a document for ``recipe``, replacing earlier ones.

        ``vectors`` has shape ``(n, dimensions)``. Chunk texts are stored, so that a search
        does not read whole documents.
        """
        number = self._number(recipe)
        self._delete_chunks("document_id = ? AND recipe = ?", (document_id, number))
        self._db.executemany(
            "INSERT INTO chunks (key, document_id, section, page, start, "
            '"end", text, vector, sentences, checksum, recipe, born) '
            f"VALUES ({_STORED}, ?, {_NEXT})",
            (
                (*StoredChunk.of(document_id, recipe.stored, chunk, vector.tobytes()), number)
                for chunk, vector in zip(chunks, vectors, strict=True)
            ),
        )

    def link(self, source: str, file: str, document_id: str) -> None:
        """Assign a stored document to ``source``, which came out of ``file``."""
        self._unlink("source = ?", (source,))
        self._db.execute(
            "INSERT INTO sources VALUES (?1, ?2, ?3) "
            "ON CONFLICT (source) DO UPDATE SET file = ?2, document_id = ?3",
            (source, file, document_id),
        )
        self._db.execute("DELETE FROM failures WHERE source = ?", (source,))

    def record_failure(self, failure: Failure, file: str) -> None:
        """Record that ``file``, or an entry in it, could not be ingested."""
        self._db.execute(
            "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)",
            (failure.source, file, failure.error),
        )

    def keep_only(self, file: str, sources: Iterable[str], failures: Iterable[str]) -> None:
        """Delete the sources and failures of ``file`` other than these."""
        for table, names in (("sources", sources), ("failures", failures)):
            where = "file = ? AND source NOT IN (SELECT value FROM json_each(?))"
            values = (file, json.dumps(list(names)))
            if table == "sources":
                self._unlink(where, values)
            self._db.execute(f"DELETE FROM {table} WHERE {where}", values)

    def remove_files(self, files: Iterable[str]) -> None:
        """Delete files with all their sources and failures."""
        for file in files:
            self._unlink("file = ?", (file,))
            self._db.execute("DELETE FROM files WHERE source = ?", (file,))

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Delete single sources and their failures."""
        for source in sources:
            self._unlink("source = ?", (source,))
            for table in ("sources", "failures"):
                self._db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Delete documents with their files, so that the files count as new."""
        for document_id in ids:
            files = self._db.execute(
                "SELECT DISTINCT file FROM sources WHERE document_id = ?", (document_id,)
            )
            self.remove_files([file for (file,) in files.fetchall()])

    def activate(self, recipe: IndexRecipe) -> None:
        """Make ``recipe`` the one that is searched, and delete the chunks of all others."""
        self._db.execute(
            "INSERT OR REPLACE INTO meta VALUES ('recipe', ?)", (str(self._number(recipe)),)
        )
        self.keep_recipes(recipe)

    def keep_recipes(self, *recipes: IndexRecipe) -> None:
        """Delete the chunks of all recipes but these."""
        numbers = (json.dumps([self._number(recipe) for recipe in recipes]),)
        self._delete_chunks("recipe NOT IN (SELECT value FROM json_each(?))", numbers)
        self._db.execute(
            "DELETE FROM recipes WHERE id NOT IN (SELECT value FROM json_each(?))", numbers
        )

    def note(self, name: str, value: Any) -> None:
        """Store a JSON value about the index under ``name``."""
        self._db.execute(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"note {name}", json.dumps(value))
        )

    def drop_unreferenced(self) -> None:
        """Delete the documents that this transaction has left without a source."""
        for document_id in sorted(self._unlinked):
            if not self._db.execute(
                "SELECT 1 FROM sources WHERE document_id = ?", (document_id,)
            ).fetchone():
                self._delete_chunks("document_id = ?", (document_id,))
                self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def _unlink(self, where: str, values: Sequence[object]) -> None:
        """Remember the documents of the sources ``where``, which are about to lose them."""
        rows = self._db.execute(f"SELECT document_id FROM sources WHERE {where}", values)
        self._unlinked.update(document_id for (document_id,) in rows)

    def _delete_chunks(self, where: str, values: Sequence[object]) -> None:
        """Delete chunks, and note which: see ``ChunkQueries.changed_since``."""
        self._db.execute(
            "INSERT INTO deleted_chunks "
            f"SELECT key, recipe, born, {_NEXT} FROM chunks WHERE {where}",
            values,
        )
        self._db.execute(f"DELETE FROM chunks WHERE {where}", values)

    def _number(self, recipe: IndexRecipe) -> int:
        values = (recipe.stored,)
        self._db.execute("INSERT OR IGNORE INTO recipes (recipe) VALUES (?)", values)
        ((number,),) = self._db.execute("SELECT id FROM recipes WHERE recipe = ?", values)
        return int(number)
