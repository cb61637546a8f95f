"""The index: the catalog and the search structures that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from aiqa.errors import CatalogError
from aiqa.index import snapshot
from aiqa.index.catalog import Catalog, Recipe

__all__ = ["Catalog", "Index", "Recipe"]

_CATALOG = "catalog.sqlite3"


class Index:
    """An index folder: ``catalog`` is the truth, searches go to a snapshot of its generation."""

    def __init__(self, folder: Path, recipe: Recipe | None = None) -> None:
        """Open the index in ``folder``; with a ``recipe``, create it where there is none.

        Raises:
            CatalogError: there is no index, it is damaged, of another version, or cannot be made.
        """
        if not self.exists(folder):
            if recipe is None:
                raise CatalogError(
                    f"There is no index in {folder}.", "Run `aiqa ingest PATH` to make one."
                )
            _prepare(folder)
        self.folder = folder
        self.catalog = Catalog(folder / _CATALOG, recipe)
        self._snapshot: snapshot.Snapshot | None = None
        self._lock = Lock()

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether ``folder`` holds an index."""
        return (folder / _CATALOG).is_file()

    def refresh(self) -> snapshot.Snapshot:
        """The snapshot of the catalog's present generation."""
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != self.catalog.generation:
                self._snapshot = snapshot.current(self.catalog, self.folder)
            return self._snapshot

    def tidy(self) -> None:
        """Bring the snapshot on disk up to date and delete those of earlier generations."""
        snapshot.discard(self.folder, keep=self.refresh().generation)

    def dense(
        self, vector: NDArray[np.float32], k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Up to ``k`` chunk keys nearest to ``vector`` with their cosines, best first."""
        return self.refresh().vectors.search(vector, k, among)

    def lexical(
        self, question: str, k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Up to ``k`` chunk keys that share words with ``question``, by BM25, best first."""
        return self.refresh().lexical.search(question, k, among)

    def close(self) -> None:
        """Release the files."""
        self.catalog.close()


def _prepare(folder: Path) -> None:
    """Make the folder; what an earlier index derived must not pass for the new one's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"The index folder {folder} cannot be made: {error.strerror}.",
            "Choose another with --index.",
        ) from error
    snapshot.discard(folder)
