"""The catalog: documents, chunks and vectors in one SQLite file, which every search relies on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from aiqa.index.catalog_writer import SqliteChanges
from aiqa.index.database import Database, next_generation
from aiqa.index.sqlite_queries import SqliteChunks, SqliteDocuments, SqliteFiles
from aiqa.index.stored_values import parsing
from aiqa.storage.recipe import IndexRecipe


class SqliteCatalog(SqliteFiles, SqliteDocuments, SqliteChunks):
    """One open catalog. Several threads may read at a time; one may write.

    Raises:
        CatalogError: the file is damaged or of another version of aiqa; from any method, too.
    """

    originals = None

    def __init__(self, path: Path, recipe: Callable[[], IndexRecipe] | None = None) -> None:
        """Open the catalog at ``path``.

        Args:
            path: the SQLite file.
            recipe: if given, the catalog is created with the recipe it returns if it is missing.
        """
        super().__init__(Database(path, create=recipe is not None))
        if recipe and not self._db.rows("SELECT 1 FROM recipes"):
            first = recipe()
            with self.transaction() as changes:
                changes.activate(first)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        return self._db.reading()

    @contextmanager
    def transaction(self, *, visible: bool = True) -> Iterator[SqliteChanges]:
        """Commit all changes made in this context, or none of them.

        A new generation begins, unless ``visible`` is False because no search result can change.
        """
        with self._db.transaction() as connection:
            changes = SqliteChanges(connection)
            yield changes
            changes.drop_unreferenced()
            if visible:
                next_generation(connection)

    @property
    def size(self) -> int:
        """The bytes that the file has, or will have once SQLite's log is moved to it."""
        ((pages, size),) = self._db.rows("SELECT * FROM pragma_page_count, pragma_page_size")
        return int(pages * size)

    def settle(self) -> None:
        """Move what is in SQLite's log to the file, so that the log takes up no room."""
        self._db.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def generation(self) -> int:
        """The number of the current generation."""
        with parsing("The number of the generation"):
            return int(self._db.rows("SELECT max(generation) FROM generations")[0][0])

    def stamp(self, generation: int) -> str | None:
        """Return the random stamp of a generation, which no other catalog's generation has."""
        rows = self._db.rows("SELECT stamp FROM generations WHERE generation = ?", (generation,))
        return rows[0][0] if rows else None

    def note(self, name: str) -> Any:
        """Return the value that ``Changes.note`` stored under ``name``; None if there is none."""
        rows = self._db.rows("SELECT value FROM meta WHERE name = ?", (f"note {name}",))
        with parsing(f"The note {name!r}"):
            return json.loads(rows[0][0]) if rows else None

    def faults(self) -> list[str]:
        """Return SQLite's own messages on faults of the file; empty if it is sound."""
        lines = [str(row[0]) for row in self._db.rows("PRAGMA quick_check")]
        broken = self._db.rows("PRAGMA foreign_key_check")
        return [line for line in lines if line != "ok"] + [
            f"a row of {table} refers to a missing row of {parent}"
            for table, _, parent, _ in broken
        ]

    def copy_to(self, path: Path) -> None:
        """Write the current generation to the new file ``path``, without deleted rows."""
        self._db.rows("VACUUM INTO ?", (str(path),))
