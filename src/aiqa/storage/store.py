"""An open index, and the place that it is opened from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from aiqa.feedback import FeedbackLog
from aiqa.storage.catalog import Catalog
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.search import Search
from aiqa.types import IndexCheck


class Store(Protocol):
    """An index: the ``catalog`` stores all data, a search is derived from it."""

    @property
    def name(self) -> str:
        """The index as messages name it, without a password."""
        ...

    @property
    def catalog(self) -> Catalog:
        """What is stored."""
        ...

    def snapshot(self) -> Search:
        """Return the search of this thread's generation; see ``reading``."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        ...

    def copying(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads all that was committed, to copy it.

        In a cluster nobody else can ingest meanwhile.

        Raises:
            LockedIndexError: another process or thread does.
            CatalogError: what was committed cannot be published.
        """
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Return a context in which nobody else ingests or removes.

        Raises:
            LockedIndexError: another process or thread does.
            CatalogError: the index cannot be written.
        """
        ...

    def shrink(self, change: Callable[[], None]) -> None:
        """Make a change that only deletes.

        Raises:
            CatalogError: it cannot be made; then the index is as it was.
        """
        ...

    def refresh_snapshot(self) -> None:
        """Have the next search find what was stored."""
        ...

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the catalog, the vector and lexical indexes, and other files."""
        ...

    def repair(self) -> None:
        """Delete damaged documents, so that the next ingest reads their files again."""
        ...

    def export(self, target: Path) -> None:
        """Write the index to the new file ``target``.

        Raises:
            CatalogError: the file exists or cannot be written.
        """
        ...

    def close(self) -> None:
        """Close files and connections."""
        ...


class Location(Protocol):
    """Where an index is or may be."""

    @property
    def name(self) -> str:
        """The place as messages name it, without a password."""
        ...

    @property
    def folder(self) -> Path:
        """The index folder; sources are relative to the folder that it stands in."""
        ...

    @property
    def is_exposed(self) -> bool:
        """Whether other users of this machine may read the index."""
        ...

    def exists(self) -> bool:
        """Tell whether there is an index."""
        ...

    def open(self, recipe: Callable[[], IndexRecipe] | None = None) -> Store:
        """Open the index; with ``recipe``, create it with what that returns if it is missing.

        Raises:
            CatalogError: there is no index, it is damaged or of another version.
        """
        ...

    def examine(self) -> IndexCheck:
        """Verify all stored data and measure the recall of the vector index.

        Raises:
            CatalogError: there is no index.
        """
        ...

    def close(self) -> None:
        """Close the connections that were needed to look there."""
        ...

    def feedback(self, most_bytes: int) -> FeedbackLog:
        """Return the feedback on answers, which may take up ``most_bytes``."""
        ...

    def import_from(self, file: Path) -> None:
        """Create the index from an exported ``file``.

        Raises:
            CatalogError: there is an index already, or the file is not a valid index.
        """
        ...
