"""Publication: what was committed since the last one becomes a generation that is searched."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from aiqa.cluster.catalog_view import CatalogView, Publication
from aiqa.cluster.chunk_rows import ChunkRow
from aiqa.cluster.lance_tables import LanceTables
from aiqa.cluster.object_store import require_conditional_puts
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_catalog import WRITERS
from aiqa.cluster.postgres_queries import JOINED, visible
from aiqa.cluster.postgres_schema import ALIVE
from aiqa.index.chunk_queries import COLUMNS, stored_chunk
from aiqa.index.stored_values import parsing, recipe_of
from aiqa.types.documents import Format

_PUBLISHER = "aiqa publisher"
_WAIT_SECONDS = 0.2
_DOCUMENTS_AT_ONCE = 256


def tables_name(recipe: int) -> str:
    """Return the name of the set of search tables of the recipe with this number."""
    return f"recipe-{recipe}"


class _Ended(NamedTuple):
    """A generation that nobody writes to any more, its recipe, and the one published before."""

    generation: int
    recipe: int
    before: Publication | None

    is_rebuilt: bool = False

    @property
    def base(self) -> Publication | None:
        """The publication whose search tables are gone on from; those of a recipe are its own."""
        is_same = self.before and self.before.recipe == self.recipe
        return self.before if is_same and not self.is_rebuilt else None


class Publisher:
    """Writes to the search tables what the catalog has; one process of all does so at a time.

    A publisher that is killed leaves nothing that is read: the next goes on from the publication
    recorded last, and undoes what was written after it.
    """

    def __init__(self, database: Postgres, view: CatalogView, tables: LanceTables) -> None:
        self._db = database
        self._view = view
        self._tables = tables
        self._is_trusted = False

    def publish(self, *, compact: bool = False, rebuild: bool = False) -> bool:
        """Publish what was committed before, and tell whether there was anything.

        With ``compact`` the search tables are then compacted, with ``rebuild`` they are made again
        from the catalog; there is a new generation in both cases.

        Raises:
            CatalogError: the database or the object store cannot be used, or stored data are
                damaged; then the generation published last goes on being read.
        """
        with self.alone():
            ended = self._end_generation(always=compact or rebuild, rebuild=rebuild)
            if ended is None:
                return False
            if not self._is_trusted:
                require_conditional_puts(self._tables.address)
                self._is_trusted = True
            search = self._write(ended)
            if compact:
                search = self._tables.optimize(tables_name(ended.recipe), search)
            self._record(ended, search)
            return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else publishes or maintains, and keep others from it."""
        while True:
            with self._db.locked(_PUBLISHER) as is_held:
                if is_held:
                    yield
                    return
            time.sleep(_WAIT_SECONDS)

    def _end_generation(self, *, always: bool, rebuild: bool) -> _Ended | None:
        """End the generation that is written to; wait for whoever writes.

        Return None if nothing was written to it, unless it is to end ``always``.
        """
        with self._db.transaction() as connection:
            connection.rows(WRITERS.format(""))
            ((generation,),) = connection.rows("SELECT generation FROM pending")
            publications = self._view.all_publications()
            before = publications[-1] if publications else None
            ((recipe,),) = connection.rows(
                "SELECT recipe FROM activations ORDER BY generation DESC LIMIT 1"
            )
            ended = _Ended(generation, recipe, before, rebuild)
            if not always and ended.base and not [*self._changed(ended, 1)]:
                return None
            connection.rows("UPDATE pending SET generation = generation + 1")
        return ended

    def _write(self, ended: _Ended) -> str:
        """Write the search tables of a generation, and return their publication."""
        base = ended.base
        ((stored,),) = self._db.rows("SELECT recipe FROM recipes WHERE id = :id", id=ended.recipe)
        with parsing("The recipe"):
            recipe = recipe_of(stored)
        return self._tables.publish(
            tables_name(ended.recipe),
            recipe.dimensions,
            base and base.search,
            self._gone(ended, base) if base else (),
            self._rows(ended),
        )

    def _record(self, ended: _Ended, search: str) -> None:
        """Make the generation the one that is read, unless another was published meanwhile."""
        self._db.rows(
            "INSERT INTO publications (generation, stamp, recipe, search) "
            "SELECT :generation, :stamp, :recipe, :search WHERE "
            "(SELECT coalesce(max(generation), 0) FROM publications) = :before",
            generation=ended.generation,
            stamp=secrets.token_hex(8),
            recipe=ended.recipe,
            search=search,
            before=ended.before.generation if ended.before else 0,
        )

    def _changed(self, ended: _Ended, most: int | None = None) -> Iterator[list[str]]:
        """Yield the ids of the documents of which a search may find something else now."""
        tables = {"documents": "id", "sources": "document_id", "chunks": "document_id"}
        changes = (
            f"SELECT {column} AS id FROM {table} WHERE ({edge} > :before AND {edge} <= :now "
            f"AND {edge} < {ALIVE}){' AND recipe = :recipe' if table == 'chunks' else ''}"
            for table, column in tables.items()
            for edge in ("born", "died")
        )
        limit = f" LIMIT {most}" if most else ""
        for rows in self._db.stream(
            f"SELECT DISTINCT id FROM ({' UNION ALL '.join(changes)}) AS changed{limit}",
            _DOCUMENTS_AT_ONCE,
            before=ended.before.generation if ended.before else 0,
            now=ended.generation,
            recipe=ended.recipe,
        ):
            yield [document_id for (document_id,) in rows]

    def _gone(self, ended: _Ended, base: Publication) -> Iterator[int]:
        """Yield the keys that ``base`` has of the documents that have changed."""
        for some in self._changed(ended):
            rows = self._db.rows(
                "SELECT key FROM chunks WHERE document_id = ANY(CAST(:ids AS text[])) "
                f"AND recipe = :recipe AND {visible('chunks')}",
                ids=some,
                recipe=base.recipe,
                at=base.generation,
            )
            yield from (key for (key,) in rows)

    def _rows(self, ended: _Ended) -> Iterator[ChunkRow]:
        """Yield the rows of changed documents, or of all, in the generation that has ended."""
        for some in self._changed(ended) if ended.base else self._all(ended.generation):
            places: dict[str, list[tuple[str, str, str]]] = {}
            headers: dict[str, tuple[str, Format]] = {}
            for document_id, title, kind, *place in self._db.rows(
                "SELECT documents.id, title, format, source, collection, day "
                f"FROM {JOINED} WHERE documents.id = ANY(CAST(:ids AS text[])) ORDER BY source",
                ids=some,
                at=ended.generation,
            ):
                headers[document_id] = title.decode(), kind
                places.setdefault(document_id, []).append((place[0], place[1], place[2]))
            for row in self._db.rows(
                f"SELECT {COLUMNS} FROM chunks WHERE document_id = ANY(CAST(:ids AS text[])) "
                f"AND recipe = :recipe AND {visible('chunks')} ORDER BY document_id, start",
                ids=list(headers),
                recipe=ended.recipe,
                at=ended.generation,
            ):
                stored = stored_chunk(row)
                title, kind = headers[stored.document_id]
                sources, collections, days = zip(*places[stored.document_id], strict=True)
                chunk = stored.chunk(sources[0], title, kind)
                yield ChunkRow(
                    chunk.key,
                    chunk.document_id,
                    title,
                    kind,
                    chunk.text,
                    chunk.context,
                    stored.vector,
                    sources,
                    collections,
                    days,
                )

    def _all(self, generation: int) -> Iterator[list[str]]:
        """Yield the ids of all documents of a generation."""
        for rows in self._db.stream(
            f"SELECT id FROM documents WHERE {visible('documents')} ORDER BY id",
            _DOCUMENTS_AT_ONCE,
            at=generation,
        ):
            yield [document_id for (document_id,) in rows]
