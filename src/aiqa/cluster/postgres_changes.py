"""Changes to a catalog in PostgreSQL within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from aiqa.cluster.postgres import ConflictError, Connection
from aiqa.cluster.postgres_schema import ALIVE
from aiqa.embedders import Vectors
from aiqa.index.stored_rows import StoredChunk, StoredDocument, stored_blocks
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Chunk, Document, Failure

_DAY = (
    "CASE WHEN documents.published <> '' THEN documents.published WHEN files.mtime_ns > 0 THEN "
    "to_char(to_timestamp(files.mtime_ns / 1000000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') "
    "ELSE '' END"
)
"""The date of a document out of a file: its own, or that of the file; empty if none is known."""

_DAY_LENGTH = len("2026-01-31")


class PostgresChanges:
    """Writes to a catalog within the transaction of ``connection``; see ``storage.Changes``.

    What is written belongs to ``generation``, which nobody reads before it is published.
    """

    def __init__(self, connection: Connection, generation: int) -> None:
        self.connection = connection
        self._now = generation
        self._unlinked: set[str] = set()

    def file(self, file: StoredFile) -> None:
        """Insert or update a file; its sources and failures stay."""
        self.connection.rows(
            "INSERT INTO files VALUES (:source, :collection, :size, :mtime_ns, :checksum, :loader)"
            " ON CONFLICT (source) DO UPDATE SET collection = excluded.collection, "
            "size = excluded.size, mtime_ns = excluded.mtime_ns, checksum = excluded.checksum, "
            "loader = excluded.loader",
            **asdict(file),
        )
        self._follow("files.source", file.source)

    def put(self, document: Document, loader: int) -> None:
        """Store ``document`` as read by version ``loader``; it needs a source, see ``link``."""
        self._unlinked.add(document.id)
        blocks = stored_blocks(document)
        row = StoredDocument.of(document, blocks)
        self._end("documents", "id = :id", id=document.id)
        self.connection.rows(
            "INSERT INTO documents (id, born, format, title, folded_title, text, pages, headings, "
            "blocks, about, published, loader, checksum) VALUES (:id, :now, :format, :title, "
            ":folded, :text, :pages, :headings, :blocks, :about, :published, :loader, :checksum)",
            id=document.id,
            now=self._now,
            format=document.format,
            title=document.title.encode(),
            folded=document.title.casefold().encode(),
            text=document.text.encode(),
            pages=row.pages,
            headings=row.headings,
            blocks=json.dumps(blocks),
            about=row.about,
            published=(document.published or "")[:_DAY_LENGTH],
            loader=loader,
            checksum=row.checksum,
        )
        for page in document.layouts:
            self.connection.rows(
                "INSERT INTO layouts VALUES (:id, :now, :number, :start, :width, :height, :boxes)",
                id=document.id,
                now=self._now,
                number=page.number,
                start=page.start,
                width=page.width,
                height=page.height,
                boxes=page.boxes,
            )
        self._follow("documents.id", document.id)

    def put_chunks(
        self, document_id: str, recipe: IndexRecipe, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Store the chunks and vectors of a document for ``recipe``, replacing earlier ones."""
        number = self._number(recipe)
        self._end("chunks", "document_id = :id AND recipe = :recipe", id=document_id, recipe=number)
        self.connection.copy_in(
            "chunks (key, document_id, section, page, start, "
            '"end", text, vector, sentences, checksum, born, recipe)',
            (
                _line(
                    StoredChunk.of(document_id, recipe.stored, chunk, vector.tobytes()),
                    self._now,
                    number,
                )
                for chunk, vector in zip(chunks, vectors, strict=True)
            ),
        )

    def link(self, source: str, file: str, document_id: str) -> None:
        """Assign a stored document to ``source``, which came out of ``file``.

        Raises:
            ConflictError: another transaction has just deleted the document.
        """
        # Nobody can delete it before this transaction ends.
        if not self.connection.rows(
            f"SELECT 1 FROM documents WHERE id = :id AND died = {ALIVE} FOR SHARE", id=document_id
        ):
            raise ConflictError(f"The document of {source} was just deleted.", "Try again.")
        self._unlink("source = :source", source=source)
        self._end("sources", "source = :source", source=source)
        added = self.connection.change(
            "INSERT INTO sources (source, born, file, document_id, collection, day) "
            f"SELECT :source, :now, files.source, documents.id, collection, {_DAY} "
            "FROM files, documents "
            f"WHERE files.source = :file AND documents.id = :id AND documents.died = {ALIVE}",
            source=source,
            now=self._now,
            file=file,
            id=document_id,
        )
        if not added:
            raise ConflictError(f"The file {file} was just deleted.", "Try again.")
        self.connection.rows("DELETE FROM failures WHERE source = :source", source=source)

    def record_failure(self, failure: Failure, file: str) -> None:
        """Record that ``file``, or an entry in it, could not be ingested."""
        self.connection.rows(
            "INSERT INTO failures VALUES (:source, :file, :error) ON CONFLICT (source) "
            "DO UPDATE SET file = excluded.file, error = excluded.error",
            source=failure.source,
            file=file,
            error=failure.error,
        )

    def keep_only(self, file: str, sources: Iterable[str], failures: Iterable[str]) -> None:
        """Delete the sources and failures of ``file`` other than these."""
        where = "file = :file AND source <> ALL(CAST(:names AS text[]))"
        kept = {"file": file, "names": list(sources)}
        self._unlink(where, **kept)
        self._end("sources", where, **kept)
        self.connection.rows(f"DELETE FROM failures WHERE {where}", file=file, names=list(failures))

    def remove_files(self, files: Iterable[str]) -> None:
        """Delete files with all their sources and failures."""
        names = list(files)
        where = "file = ANY(CAST(:names AS text[]))"
        self._unlink(where, names=names)
        self._end("sources", where, names=names)
        self.connection.rows(
            "DELETE FROM files WHERE source = ANY(CAST(:names AS text[]))", names=names
        )

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Delete single sources and their failures."""
        names = list(sources)
        where = "source = ANY(CAST(:names AS text[]))"
        self._unlink(where, names=names)
        self._end("sources", where, names=names)
        self.connection.rows(f"DELETE FROM failures WHERE {where}", names=names)

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Delete documents with their files, so that the files count as new."""
        files = self.connection.rows(
            "SELECT DISTINCT file FROM sources "
            f"WHERE document_id = ANY(CAST(:ids AS text[])) AND died = {ALIVE}",
            ids=list(ids),
        )
        self.remove_files([file for (file,) in files])

    def activate(self, recipe: IndexRecipe) -> None:
        """Make ``recipe`` the one that is searched, and delete the chunks of all others."""
        self.connection.rows(
            "INSERT INTO activations VALUES (:now, :recipe) "
            "ON CONFLICT (generation) DO UPDATE SET recipe = excluded.recipe",
            now=self._now,
            recipe=self._number(recipe),
        )
        self.keep_recipes(recipe)

    def keep_recipes(self, *recipes: IndexRecipe) -> None:
        """Delete the chunks of all recipes but these."""
        numbers = [self._number(recipe) for recipe in recipes]
        self._end("chunks", "recipe <> ALL(CAST(:numbers AS integer[]))", numbers=numbers)

    def note(self, name: str, value: Any) -> None:
        """Store a JSON value about the index under ``name``."""
        self.connection.rows(
            "INSERT INTO notes VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name=name,
            value=json.dumps(value),
        )

    def drop_unreferenced(self) -> None:
        """Delete the documents that this transaction has left without a source."""
        if not (candidates := self._without_source(self._unlinked)):
            return
        # Another transaction may be giving one a source.
        self.connection.rows(
            "SELECT 1 FROM documents WHERE id = ANY(CAST(:ids AS text[])) "
            f"AND died = {ALIVE} ORDER BY id FOR UPDATE",
            ids=candidates,
        )
        lost = self._without_source(candidates)
        self._end("chunks", "document_id = ANY(CAST(:ids AS text[]))", ids=lost)
        self._end("documents", "id = ANY(CAST(:ids AS text[]))", ids=lost)

    def _without_source(self, ids: Iterable[str]) -> list[str]:
        rows = self.connection.rows(
            "SELECT id FROM unnest(CAST(:ids AS text[])) AS given (id) WHERE NOT EXISTS "
            f"(SELECT 1 FROM sources WHERE document_id = given.id AND died = {ALIVE})",
            ids=sorted(ids),
        )
        return [document_id for (document_id,) in rows]

    def _unlink(self, where: str, **values: Any) -> None:
        """Remember the documents of the sources ``where``, which are about to lose them."""
        rows = self.connection.rows(
            f"SELECT document_id FROM sources WHERE {where} AND died = {ALIVE}", **values
        )
        self._unlinked.update(document_id for (document_id,) in rows)

    def _follow(self, column: str, value: str) -> None:
        """Have the sources of a file or document tell its present collection and day."""
        moved = self.connection.rows(
            f"SELECT sources.source, file, document_id, files.collection, {_DAY} FROM sources "
            "JOIN files ON files.source = file JOIN documents ON documents.id = document_id "
            f"AND documents.died = {ALIVE} WHERE sources.died = {ALIVE} AND {column} = :value "
            f"AND (sources.collection, sources.day) <> (files.collection, {_DAY})",
            value=value,
        )
        for source, file, document_id, collection, day in moved:
            self._end("sources", "source = :source", source=source)
            self.connection.rows(
                "INSERT INTO sources (source, born, file, document_id, collection, day) "
                "VALUES (:source, :now, :file, :id, :collection, :day)",
                source=source,
                now=self._now,
                file=file,
                id=document_id,
                collection=collection,
                day=day,
            )

    def _end(self, table: str, where: str, **values: Any) -> None:
        """End the rows ``where`` with this generation; those that it began were never seen."""
        values["now"] = self._now
        self.connection.rows(
            f"DELETE FROM {table} WHERE {where} AND born = :now AND died = {ALIVE}", **values
        )
        self.connection.rows(
            f"UPDATE {table} SET died = :now WHERE {where} AND died = {ALIVE}", **values
        )

    def _number(self, recipe: IndexRecipe) -> int:
        while not (
            rows := self.connection.rows(
                "SELECT id FROM recipes WHERE recipe = :recipe", recipe=recipe.stored
            )
        ):
            self.connection.rows(
                "INSERT INTO recipes (recipe) VALUES (:recipe) ON CONFLICT DO NOTHING",
                recipe=recipe.stored,
            )
        return int(rows[0][0])


def _line(chunk: StoredChunk, generation: int, recipe: int) -> bytes:
    """Return a row of ``chunks``; ``recipe`` is the number of the chunk's."""
    values = (*chunk._replace(text=chunk.text.encode()), generation, recipe)  # type: ignore[arg-type]
    return b"\t".join(map(_copied, values)) + b"\n"


def _copied(value: object) -> bytes:
    """Return ``value`` as PostgreSQL's COPY reads it; no stored JSON has tabs or line ends."""
    if value is None:
        return rb"\N"
    if isinstance(value, bytes):
        return rb"\\x" + value.hex().encode()
    return str(value).replace("\\", "\\\\").encode()
