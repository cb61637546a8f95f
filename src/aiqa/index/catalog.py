"""The catalog: documents, chunks and vectors in one SQLite file, which is the truth. Reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.checksums import chunk_checksum, document_checksum
from aiqa.embedders import Vectors
from aiqa.errors import CatalogError
from aiqa.index.catalog_writer import Changes, StoredFile
from aiqa.index.database import Database, next_generation
from aiqa.index.schema import IndexRecipe
from aiqa.types import (
    Block,
    Chunk,
    Document,
    Failure,
    Filters,
    Heading,
    Holding,
    Page,
    PageLayout,
)

_ROWS_AT_ONCE = 4096


class Catalog:
    """One open catalog. Reads may come from several threads, writes from one.

    Raises:
        CatalogError: the file is damaged or of another version of aiqa; from any method, too.
    """

    def __init__(self, path: Path, recipe: Callable[[], IndexRecipe] | None = None) -> None:
        """Open the catalog at ``path``; given what makes its ``recipe``, create it if need be."""
        self._db = Database(path, create=recipe is not None)
        if recipe and not self._db.rows("SELECT 1 FROM recipes"):
            first = recipe()
            with self.transaction() as changes:
                changes.adopt(first)

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def reading(self) -> AbstractContextManager[None]:
        """Let all reads of this thread inside see one generation."""
        return self._db.reading()

    @contextmanager
    def transaction(self, *, visible: bool = True) -> Iterator[Changes]:
        """Keep what is changed inside together or not at all.

        It begins a new generation, unless it is declared not ``visible`` to those who search.
        """
        with self._db.transaction() as connection:
            changes = Changes(connection)
            yield changes
            changes.drop_unreferenced()
            if visible:
                next_generation(connection)

    @property
    def generation(self) -> int:
        """Number of the present generation."""
        return int(self._db.rows("SELECT max(generation) FROM generations")[0][0])

    def stamp(self, generation: int) -> str | None:
        """Return what tells this catalog's generation from another's of that number."""
        rows = self._db.rows("SELECT stamp FROM generations WHERE generation = ?", (generation,))
        return rows[0][0] if rows else None

    @property
    def recipe(self) -> IndexRecipe:
        """What shaped the chunks and vectors that are searched."""
        rows = self._db.rows(
            "SELECT recipe FROM recipes WHERE id = (SELECT value FROM meta WHERE name = 'recipe')"
        )
        return IndexRecipe(**json.loads(rows[0][0]))

    def note(self, name: str) -> Any:
        """Return what ``Changes.note`` stored under ``name``; None if there is nothing."""
        rows = self._db.rows("SELECT value FROM meta WHERE name = ?", (f"note {name}",))
        return json.loads(rows[0][0]) if rows else None

    # -- files and sources --------------------------------------------------------------------

    def files(self) -> dict[str, StoredFile]:
        """Return every file that was ingested or failed, by source."""
        rows = self._db.stream(
            "SELECT source, collection, size, mtime_ns, checksum, loader FROM files"
        )
        return {row[0]: StoredFile(*row) for row in rows}

    def sources(self) -> dict[str, str]:
        """Return the document id of every source, in order of source."""
        return dict(self._db.rows("SELECT source, document_id FROM sources ORDER BY source"))

    def sources_of(self, file: str) -> dict[str, str]:
        """Return the document id of every source that came out of ``file``."""
        return dict(
            self._db.rows("SELECT source, document_id FROM sources WHERE file = ?", (file,))
        )

    def files_of(self, document_id: str) -> dict[str, str]:
        """Return the SHA-256 of every file that holds the document, in order of source."""
        return dict(
            self._db.rows(
                "SELECT DISTINCT files.source, files.checksum FROM sources "
                "JOIN files ON files.source = file WHERE document_id = ? ORDER BY files.source",
                (document_id,),
            )
        )

    def sources_by_document(self) -> dict[str, list[str]]:
        """Return all sources of every document."""
        rows = self._db.rows(
            "SELECT document_id, json_group_array(source) FROM sources GROUP BY document_id"
        )
        return {document_id: sorted(json.loads(sources)) for document_id, sources in rows}

    def holdings(self) -> list[Holding]:
        """Return every source with what it is, in order of source."""
        rows = self._db.rows(
            "SELECT sources.source, document_id, title, format, collection "
            f"FROM {_JOINED} ORDER BY sources.source"
        )
        return [Holding(*row) for row in rows]

    def failures(self) -> tuple[Failure, ...]:
        """Return the files that failed when last tried, in order of source."""
        rows = self._db.rows("SELECT source, error FROM failures ORDER BY source")
        return tuple(Failure(source, error) for source, error in rows)

    def unread_pages(self) -> dict[str, list[int]]:
        """Return the pages without text of the sources that have such."""
        return {
            source: json.loads(pages)
            for source, pages in self._db.rows(
                "SELECT source, about ->> '$.unread_pages' FROM sources "
                "JOIN documents ON documents.id = document_id "
                "WHERE json_array_length(about, '$.unread_pages') > 0 ORDER BY source"
            )
        }

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""
        ((documents, chunks),) = self._db.rows(
            f"SELECT (SELECT count(*) FROM sources), (SELECT count(*) FROM chunks WHERE {_ACTIVE})"
        )
        return documents, chunks

    def formats(self) -> dict[str, int]:
        """Return the number of sources of each format."""
        return self._tally("format")

    def collections(self) -> dict[str, int]:
        """Return the number of sources in each collection."""
        return self._tally("collection")

    # -- documents ----------------------------------------------------------------------------

    def has(self, document_id: str, loader: int) -> bool:
        """Tell whether the document is stored as that version of the loaders reads it."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM documents WHERE id = ? AND loader = ?", (document_id, loader)
            )
        )

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that fits ``filters``.

        It comes under the first of its sources that fit.

        Raises:
            CatalogError: it is no longer what was stored.
        """
        condition, values = _condition(filters)
        for row in self._db.rows(
            "SELECT documents.id, min(sources.source), format, title, text, pages, headings, "
            f"about, documents.checksum FROM {_JOINED} WHERE documents.id = ? AND {condition} "
            "GROUP BY documents.id",
            (document_id, *values),
        ):
            identity, source, format_name, title, text, pages, headings, about, checksum = row
            blocks = self._blocks(identity)
            if document_checksum(title, text, pages, headings, blocks) != checksum:
                raise _damaged(f"The text of {source}")
            details = json.loads(about)
            return Document(
                id=identity,
                source=source,
                format=format_name,
                title=title,
                text=text,
                pages=tuple(Page(*page) for page in json.loads(pages)),
                headings=tuple(Heading(*heading) for heading in json.loads(headings)),
                language=details.get("language"),
                published=details.get("published"),
                url=details.get("url"),
                unread_pages=tuple(details.get("unread_pages", ())),
                ocr_pages=tuple(details.get("ocr_pages", ())),
                blocks=tuple(Block.from_row(json.loads(block)) for block in blocks),
                omissions=tuple(details.get("omissions", ())),
            )
        return None

    def _blocks(self, document_id: str) -> list[str]:
        rows = self._db.rows(
            "SELECT block FROM blocks WHERE document_id = ? ORDER BY start", (document_id,)
        )
        return [block for (block,) in rows]

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, in order."""
        return [row[0] for row in self._db.rows("SELECT id FROM documents ORDER BY id")]

    def documents(self) -> Iterator[Document]:
        """Yield every document in order of id; one is in memory at a time."""
        for document_id in self.document_ids():
            if document := self.document(document_id):
                yield document

    def layouts(self, document_id: str, start: int, end: int) -> list[PageLayout]:
        """Return the layouts of the pages that characters ``start`` to ``end`` stand on."""
        rows = self._db.rows(
            "SELECT number, start, width, height, boxes FROM layouts WHERE document_id = ?1 "
            "AND start < ?3 AND start >= (SELECT coalesce(max(start), 0) FROM layouts "
            "WHERE document_id = ?1 AND start <= ?2) ORDER BY start",
            (document_id, start, end),
        )
        return [PageLayout(*row) for row in rows]

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return the width and height in points of a page that has a layout."""
        rows = self._db.rows(
            "SELECT width, height FROM layouts WHERE document_id = ? AND number = ?",
            (document_id, number),
        )
        return rows[0] if rows else None

    # -- chunks -------------------------------------------------------------------------------

    def chunks(self, keys: Sequence[int], filters: Filters | None = None) -> list[Chunk]:
        """Return the chunks with these keys, in their order; keys no longer there are left out.

        Each comes under a source that fits ``filters``. Only the chunks' own texts are read, so the
        time does not depend on the length of their documents.

        Raises:
            CatalogError: the text of a chunk is no longer what was stored.
        """
        rows = self._db.rows(
            'SELECT document_id, section, page, start, "end", text, vector, checksum, key '
            "FROM chunks WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        condition, values = _condition(filters)
        documents = {
            document_id: fields
            for document_id, *fields in self._db.rows(
                f"SELECT documents.id, min(sources.source), title, format FROM {_JOINED} "
                f"WHERE documents.id IN (SELECT value FROM json_each(?)) AND {condition} "
                "GROUP BY documents.id",
                (json.dumps(list({row[0] for row in rows})), *values),
            )
        }
        chunks: dict[int, Chunk] = {}
        for document_id, section, page, start, end, text, vector, checksum, key in rows:
            if document_id not in documents:
                continue
            source, title, format_name = documents[document_id]
            path, lead = json.loads(section)
            if chunk_checksum(start, end, text, lead, vector) != checksum:
                raise _damaged(f"Passage {key} of {source}")
            chunks[key] = Chunk(
                document_id=document_id,
                source=source,
                title=title,
                format=format_name,
                section=tuple(path),
                page=page,
                start=start,
                end=end,
                text=text,
                lead=lead,
                key=key,
            )
        return [chunks[key] for key in keys if key in chunks]

    def keys(self) -> NDArray[np.int64]:
        """Return the keys of all chunks that are searched, in order, shape ``(n,)``."""
        rows = self._db.stream(f"SELECT key FROM chunks WHERE {_ACTIVE} ORDER BY key")
        return np.fromiter((key for (key,) in rows), dtype=np.int64)

    def keys_of(self, document_id: str) -> list[int]:
        """Return the keys of the searched chunks of a document, in order of their place."""
        rows = self._db.rows(
            f"SELECT key FROM chunks WHERE {_ACTIVE} AND document_id = ? ORDER BY start",
            (document_id,),
        )
        return [key for (key,) in rows]

    def chunks_by_document(self, keys: NDArray[np.int64]) -> Iterator[Chunk]:
        """Yield the chunks with these keys, one document's after another's."""
        for some in _parts(keys):
            ordered = self._db.rows(
                "SELECT key FROM chunks WHERE key IN (SELECT value FROM json_each(?)) "
                "ORDER BY document_id, key",
                (json.dumps(some),),
            )
            yield from self.chunks([key for (key,) in ordered])

    def vectors(
        self, keys: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield keys, ``(n,)``, and vectors, ``(n, dimensions)``, a few thousand at a time.

        Raises:
            CatalogError: a vector is no longer what was stored.
        """
        dimensions = self.recipe.dimensions
        for some in _parts(keys):
            rows = self._db.rows(
                'SELECT key, vector, start, "end", text, section, checksum FROM chunks '
                "WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
                (json.dumps(some),),
            )
            for key, vector, start, end, text, section, checksum in rows:
                lead = json.loads(section)[1]
                if chunk_checksum(start, end, text, lead, vector) != checksum:
                    raise _damaged(f"The vector or text of passage {key}")
            flat = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
            yield (
                np.array([row[0] for row in rows], dtype=np.int64),
                flat.reshape(len(rows), dimensions),
            )

    def matching(self, filters: Filters) -> list[int]:
        """Return the keys of the chunks whose document fits ``filters``, in order."""
        condition, values = _condition(filters)
        rows = self._db.rows(
            f"SELECT key FROM chunks WHERE {_ACTIVE} AND document_id IN "
            f"(SELECT documents.id FROM {_JOINED} WHERE {condition}) ORDER BY key",
            values,
        )
        return [key for (key,) in rows]

    def without_chunks(self, recipe: IndexRecipe) -> list[str]:
        """Return the ids of the documents that have no chunks by ``recipe`` yet, in order."""
        rows = self._db.rows(
            "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM chunks "
            "WHERE recipe = (SELECT id FROM recipes WHERE recipe = ?)) ORDER BY id",
            (json.dumps(asdict(recipe)),),
        )
        return [row[0] for row in rows]

    def places(self, document_id: str) -> list[tuple[int, int, int]]:
        """Return key, start and end of all chunks of a document, by any recipe."""
        return [row[:3] for row in self.slices(document_id)]

    def slices(self, document_id: str) -> list[tuple[int, int, int, str]]:
        """Return key, start, end and stored text of all chunks of a document, by any recipe."""
        return self._db.rows(
            'SELECT key, start, "end", text FROM chunks WHERE document_id = ? ORDER BY start',
            (document_id,),
        )

    # -- as a whole ---------------------------------------------------------------------------

    def faults(self) -> list[str]:
        """Return what SQLite finds wrong with the file, in its words; nothing for a sound one."""
        lines = [str(row[0]) for row in self._db.rows("PRAGMA quick_check")]
        broken = self._db.rows("PRAGMA foreign_key_check")
        return [line for line in lines if line != "ok"] + [
            f"a row of {table} refers to one of {parent} that is not there"
            for table, _, parent, _ in broken
        ]

    def copy_to(self, path: Path) -> None:
        """Write the present generation to the new file ``path``, without what was deleted."""
        self._db.rows("VACUUM INTO ?", (str(path),))

    def _tally(self, column: str) -> dict[str, int]:
        return dict(
            self._db.rows(
                f"SELECT {column}, count(*) FROM {_JOINED} GROUP BY {column} ORDER BY {column}"
            )
        )


_ACTIVE = "recipe = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'recipe')"

_JOINED = (
    "sources JOIN documents ON documents.id = sources.document_id "
    "JOIN files ON files.source = sources.file"
)


def _parts(keys: Sequence[int] | NDArray[np.int64]) -> Iterator[list[int]]:
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        yield [int(key) for key in keys[start : start + _ROWS_AT_ONCE]]


def _condition(filters: Filters | None) -> tuple[str, list[str]]:
    """Return an SQL condition over ``_JOINED``, and its values."""
    conditions, values = ["TRUE"], list[str]()
    if filters is None:
        return "TRUE", values
    if filters.sources:
        conditions.append(f"({' OR '.join(['sources.source GLOB ?'] * len(filters.sources))})")
        values.extend(filters.sources)
    if filters.title is not None:
        conditions.append("instr(casefold(title), casefold(?)) > 0")
        values.append(filters.title)
    for column, allowed in (("format", filters.formats), ("collection", filters.collections)):
        if allowed:
            conditions.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values.extend(allowed)
    return " AND ".join(conditions), values


def _damaged(what: str) -> CatalogError:
    return CatalogError(
        f"{what} in the index is damaged.",
        "Run `aiqa doctor --mend` to forget what is damaged, then `aiqa ingest` to read it again.",
    )
