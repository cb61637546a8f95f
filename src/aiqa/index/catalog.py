"""The catalog: documents, chunks and vectors in one SQLite file, which is the truth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from aiqa.embedding import Vectors
from aiqa.errors import CatalogError
from aiqa.index.schema import TABLES, VERSION, Recipe
from aiqa.types import Chunk, Document, Failure, Filters, Heading, Page


class Catalog:
    """One open catalog. Reads may come from several threads, writes from one.

    Raises:
        CatalogError: the file is damaged or of another version of aiqa; from any method, too.
    """

    def __init__(self, path: Path, recipe: Recipe | None = None) -> None:
        """Open the catalog at ``path``; with a ``recipe``, create it where there is none."""
        self._path = path
        self._lock = RLock()
        try:
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=30
            )
            self._db.create_function("casefold", 1, str.casefold, deterministic=True)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            if recipe and not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                self._create(recipe)
            version = self._version()
        except sqlite3.DatabaseError as error:
            raise _unusable(path, error) from error
        if version != str(VERSION):
            self._db.close()
            raise CatalogError(
                f"The index {path.parent} was built by another version of aiqa (its format is "
                f"{version or 'unknown'}, this one reads {VERSION}).",
                "Delete that folder and ingest the documents again.",
            )

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside is kept together or not at all; raises the generation."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise CatalogError(
                    f"The index {self._path.parent} cannot be written: {error}.",
                    "Another process may be writing to it: wait until it is done.",
                ) from error
            try:
                yield
                self._db.execute(
                    "DELETE FROM documents WHERE id NOT IN (SELECT document_id FROM sources)"
                )
                self._set("generation", str(self.generation + 1))
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._db.execute("ROLLBACK")
                raise CatalogError(
                    f"The index {self._path.parent} cannot be written: {error}.",
                    "Nothing was changed. Look for a full disk or missing permissions.",
                ) from error
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    @property
    def generation(self) -> int:
        """Number of transactions committed so far."""
        return int(self._get("generation"))

    @property
    def recipe(self) -> Recipe:
        """What shaped the chunks and vectors that are stored."""
        return Recipe(**json.loads(self._get("recipe")))

    # -- writing, inside a transaction --------------------------------------------------------

    def put(self, document: Document, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Store ``document`` with these chunks, one row of ``vectors`` each; then ``link`` it."""
        self._db.execute(
            "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.format,
                document.title,
                document.text,
                json.dumps([asdict(page) for page in document.pages]),
                json.dumps([asdict(heading) for heading in document.headings]),
            ),
        )
        self._db.execute("DELETE FROM chunks WHERE document_id = ?", (document.id,))
        self._db.executemany(
            'INSERT INTO chunks (document_id, section, page, start, "end", vector) '
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                (c.document_id, json.dumps(c.section), c.page, c.start, c.end, v.tobytes())
                for c, v in zip(chunks, vectors, strict=True)
            ),
        )

    def adopt(self, recipe: Recipe) -> None:
        """Declare that all chunks and vectors are now made by ``recipe``."""
        self._set("recipe", json.dumps(asdict(recipe)))

    def link(self, source: str, document_id: str) -> None:
        """Let ``source`` be a stored document, in place of what stood there before."""
        self._db.execute(
            "INSERT INTO sources VALUES (?1, ?2) "
            "ON CONFLICT (source) DO UPDATE SET document_id = ?2",
            (source, document_id),
        )
        self._db.execute("DELETE FROM failures WHERE source = ?", (source,))

    def remove(self, sources: Iterable[str]) -> None:
        """Forget ``sources``, and the documents and failures that no other source has."""
        for source in sources:
            self._db.execute("DELETE FROM sources WHERE source = ?", (source,))
            self._db.execute("DELETE FROM failures WHERE source = ?", (source,))

    def fail(self, failure: Failure) -> None:
        """Remember that a file could not be ingested."""
        self._db.execute(
            "INSERT OR REPLACE INTO failures VALUES (?, ?)", (failure.source, failure.error)
        )

    # -- reading ------------------------------------------------------------------------------

    def sources(self) -> dict[str, str]:
        """Document id of every source, in order of source."""
        return dict(self._rows("SELECT source, document_id FROM sources ORDER BY source"))

    def failures(self) -> tuple[Failure, ...]:
        """Files that failed when last tried, in order of source."""
        rows = self._rows("SELECT source, error FROM failures ORDER BY source")
        return tuple(Failure(source, error) for source, error in rows)

    def counts(self) -> tuple[int, int]:
        """Number of sources and of chunks."""
        ((documents, chunks),) = self._rows(
            "SELECT (SELECT count(*) FROM sources), (SELECT count(*) FROM chunks)"
        )
        return documents, chunks

    def formats(self) -> dict[str, int]:
        """Number of sources of each format."""
        return dict(
            self._rows(
                "SELECT format, count(*) FROM sources JOIN documents ON documents.id = document_id "
                "GROUP BY format ORDER BY format"
            )
        )

    def has(self, document_id: str) -> bool:
        """Whether the document with this id is stored."""
        return bool(self._rows("SELECT 1 FROM documents WHERE id = ?", (document_id,)))

    def document(self, document_id: str) -> Document | None:
        """The document with this id, under the first of its sources; None if there is none."""
        for row in self._rows(
            "SELECT id, (SELECT min(source) FROM sources WHERE document_id = id), format, title, "
            "text, pages, headings FROM documents WHERE id = ?",
            (document_id,),
        ):
            identity, source, format_name, title, text, pages, headings = row
            return Document(
                id=identity,
                source=source,
                format=format_name,
                title=title,
                text=text,
                pages=tuple(Page(**page) for page in json.loads(pages)),
                headings=tuple(Heading(**heading) for heading in json.loads(headings)),
            )
        return None

    def chunks(self, keys: Sequence[int]) -> list[Chunk]:
        """The chunks with these keys, in their order; keys no longer there are left out."""
        rows = self._rows(
            'SELECT document_id, section, page, start, "end", key FROM chunks '
            "WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        documents = {row[0]: self._required(row[0]) for row in rows}
        found = {row[-1]: _chunk(documents[row[0]], *row[1:]) for row in rows}
        return [found[key] for key in keys if key in found]

    def documents(self) -> Iterator[Document]:
        """Every document, in order of id; one is held in memory at a time."""
        for (document_id,) in self._rows("SELECT id FROM documents ORDER BY id"):
            yield self._required(document_id)

    def chunks_of(self, document: Document) -> list[Chunk]:
        """The chunks of one document, in order."""
        rows = self._rows(
            'SELECT section, page, start, "end", key FROM chunks '
            "WHERE document_id = ? ORDER BY start, key",
            (document.id,),
        )
        return [_chunk(document, *row) for row in rows]

    def vectors(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Vectors]:
        """Keys, shape ``(n,)``, and vectors, shape ``(n, dimensions)``, of all chunks."""
        rows = self._rows("SELECT key, vector FROM chunks ORDER BY key")
        keys = np.array([key for key, _ in rows], dtype=np.int64)
        flat = np.frombuffer(b"".join(vector for _, vector in rows), dtype=np.float32)
        return keys, flat.reshape(len(rows), self.recipe.dimensions)

    def matching(self, filters: Filters) -> list[int]:
        """Keys of the chunks whose document fits ``filters``, in order."""
        conditions, values = ["TRUE"], list[str]()
        if filters.sources:
            conditions.append(f"({' OR '.join(['source GLOB ?'] * len(filters.sources))})")
            values.extend(filters.sources)
        if filters.title is not None:
            conditions.append("instr(casefold(title), casefold(?)) > 0")
            values.append(filters.title)
        if filters.formats:
            conditions.append(f"format IN ({', '.join('?' * len(filters.formats))})")
            values.extend(filters.formats)
        return [
            key
            for (key,) in self._rows(
                "SELECT key FROM chunks WHERE document_id IN (SELECT documents.id FROM sources "
                f"JOIN documents ON documents.id = document_id WHERE {' AND '.join(conditions)}) "
                "ORDER BY key",
                tuple(values),
            )
        ]

    # -- within -------------------------------------------------------------------------------

    def _create(self, recipe: Recipe) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            for statement in TABLES.split(";"):
                self._db.execute(statement)
            self._set("version", str(VERSION))
            self._set("recipe", json.dumps(asdict(recipe)))
            self._set("generation", "0")
            self._db.execute("COMMIT")

    def _other_version(self) -> CatalogError:
        return CatalogError(
            f"The index {self._path.parent} was built by another version of aiqa.",
            "Delete that folder and ingest the documents again.",
        )

    def _version(self) -> str | None:
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            return None
        rows = self._rows("SELECT value FROM meta WHERE name = 'version'")
        return rows[0][0] if rows else None

    def _required(self, document_id: str) -> Document:
        document = self.document(document_id)
        if document is None:
            raise CatalogError(
                f"The catalog {self._path} names document {document_id} but does not hold it.",
                "It is damaged: delete the index folder and ingest again.",
            )
        return document

    def _get(self, name: str) -> str:
        return str(self._rows("SELECT value FROM meta WHERE name = ?", (name,))[0][0])

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(statement, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise _unusable(self._path, error) from error


def _chunk(
    document: Document, section: str, page: int | None, start: int, end: int, key: int
) -> Chunk:
    return Chunk(
        document_id=document.id,
        source=document.source,
        title=document.title,
        format=document.format,
        section=tuple(json.loads(section)),
        page=page,
        start=start,
        end=end,
        text=document.text[start:end],
        key=key,
    )


def _unusable(path: Path, error: sqlite3.Error) -> CatalogError:
    return CatalogError(
        f"The catalog {path} cannot be used: {error}.",
        "If its disk is full or its folder read-only, mend that; if it is damaged, delete the "
        "index folder and ingest again.",
    )
