"""The catalog in PostgreSQL, which every search relies on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from aiqa.cluster.catalog_view import CatalogView
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_changes import PostgresChanges
from aiqa.cluster.postgres_queries import PostgresChunks, PostgresDocuments, PostgresFiles
from aiqa.index.stored_values import parsing
from aiqa.storage.originals import Originals

WRITERS = "SELECT pg_advisory_xact_lock{}(hashtextextended('aiqa generation', 0))"
"""Taken, shared, by each transaction that writes, and alone by the one that ends a generation."""


class PostgresCatalog(PostgresFiles, PostgresDocuments, PostgresChunks):
    """The catalog of an index in a cluster; see ``storage.Catalog``.

    Reads see what is committed, and within ``reading`` the generation published last. Any number of
    processes may write; what they write is read as soon as it is published.
    """

    def __init__(
        self, database: Postgres, view: CatalogView, originals: Originals | None = None
    ) -> None:
        """Read from ``database`` what ``view`` tells."""
        super().__init__(database, view)
        self.originals = originals

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        return self._view.reading()

    @contextmanager
    def transaction(self, *, visible: bool = True) -> Iterator[PostgresChanges]:  # noqa: ARG002
        """Commit all changes made in this context, or none of them.

        Whether a generation begins is told when it is published.

        Raises:
            ConflictError: another transaction has got in the way, or the database was away.
        """
        with self._db.transaction() as connection:
            connection.rows(WRITERS.format("_shared"))
            ((generation,),) = connection.rows("SELECT generation FROM pending")
            changes = PostgresChanges(connection, generation)
            yield changes
            changes.drop_unreferenced()

    @property
    def generation(self) -> int:
        """The number of the generation published last, or of the one that is read."""
        return self._view.publication.generation

    def stamp(self, generation: int) -> str | None:
        """Return the random stamp of a generation, which no other catalog's generation has."""
        rows = self._db.rows(
            "SELECT stamp FROM publications WHERE generation = :generation", generation=generation
        )
        return rows[0][0] if rows else None

    def note(self, name: str) -> Any:
        """Return the value that ``Changes.note`` stored under ``name``; None if there is none."""
        rows = self._db.rows("SELECT value FROM notes WHERE name = :name", name=name)
        with parsing(f"The note {name!r}"):
            return json.loads(rows[0][0]) if rows else None
