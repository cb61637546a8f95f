"""The index: the catalog and the search structures that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from aiqa.errors import CatalogError
from aiqa.index.catalog import Catalog
from aiqa.index.schema import Recipe
from aiqa.index.snapshot import Snapshot, current, discard

__all__ = ["Catalog", "Index", "Recipe"]

_CATALOG = "catalog.sqlite3"
_LOCK = "write.lock"


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
        self._snapshot: Snapshot | None = None
        self._lock = Lock()

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether ``folder`` holds an index."""
        return (folder / _CATALOG).is_file()

    def snapshot(self) -> Snapshot:
        """The search structures of the present generation: one search uses one of them."""
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != self.catalog.generation:
                self._snapshot = current(self.catalog, self.folder)
            return self._snapshot

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write, which one process has at a time; it ends with the process, if killed.

        Raises:
            CatalogError: another process has it, or the folder is read-only.
        """
        try:
            lock = FileLock(self.folder / _LOCK, timeout=0)
            lock.acquire()
        except Timeout:
            raise CatalogError(
                f"Another process is writing to the index {self.folder}.",
                "Wait until it is done, then try again.",
            ) from None
        except OSError as error:
            raise CatalogError(
                f"The index {self.folder} cannot be written: {error.strerror}.",
                "Look for missing permissions.",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def tidy(self) -> None:
        """Bring the snapshot on disk up to date and delete those of earlier generations."""
        discard(self.folder, keep=self.snapshot().generation)

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
    discard(folder)
