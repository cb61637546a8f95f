"""Which generation the reads of a thread see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import NamedTuple

from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_schema import ALIVE
from aiqa.errors import CatalogError

_COLUMNS = "generation, stamp, recipe, search"


class Publication(NamedTuple):
    """A generation that is searched: its stamp, the number of its recipe, and its search tables."""

    generation: int
    stamp: str
    recipe: int
    search: str


class CatalogView:
    """Tells what a thread reads: what is committed, or in ``reading`` the published generation."""

    def __init__(self, database: Postgres) -> None:
        self._database = database
        self._local = local()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Make all reads of this thread in the context see the generation published last."""
        if self._pinned is not None:
            yield
            return
        self._local.pinned = self.newest()
        try:
            yield
        finally:
            self._local.pinned = None

    @property
    def at(self) -> int:
        """The generation that is read, or the greatest number there is: what is not deleted."""
        return self._pinned.generation if self._pinned else ALIVE - 1

    @property
    def search(self) -> str | None:
        """The search tables of the generation that is read; None outside of ``reading``."""
        return self._pinned.search if self._pinned else None

    @property
    def publication(self) -> Publication:
        """The published generation: that of the present ``reading``, or the last."""
        return self._pinned or self.newest()

    @property
    def recipe(self) -> int:
        """The number of the recipe whose chunks are searched."""
        if self._pinned:
            return self._pinned.recipe
        rows = self._database.rows(
            "SELECT recipe FROM activations ORDER BY generation DESC LIMIT 1"
        )
        if not rows:
            raise _unfinished(self._database)
        return int(rows[0][0])

    def newest(self) -> Publication:
        """Return the generation published last."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM publications ORDER BY generation DESC LIMIT 1"
        )
        if not rows:
            raise _unfinished(self._database)
        return Publication(*rows[0])

    def all_publications(self) -> list[Publication]:
        """Return the generations that are kept, the oldest first."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM publications ORDER BY generation")
        return [Publication(*row) for row in rows]

    @property
    def _pinned(self) -> Publication | None:
        return getattr(self._local, "pinned", None)


def _unfinished(database: Postgres) -> CatalogError:
    return CatalogError(
        f"The index {database.address.name} is not finished.", "Run `aiqa ingest PATH` once more."
    )
