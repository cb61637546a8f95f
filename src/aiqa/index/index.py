"""The index folder: the catalog, and the search structures that are built from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from aiqa.errors import CatalogError, LockedIndexError
from aiqa.index import reserve
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.export import export_catalog, import_catalog
from aiqa.index.integrity import check_index, damaged_documents, unreadable_index
from aiqa.index.manifest import PREFIX
from aiqa.index.snapshot import Snapshot, current, discard
from aiqa.shared_property import SharedProperty
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import IndexCheck

if TYPE_CHECKING:
    from filelock import FileLock

_CATALOG = "catalog.sqlite3"
_LOCK = "write.lock"


class Index:
    """An index folder: the ``catalog`` stores all data, a snapshot of it is searched."""

    def __init__(self, folder: Path, recipe: Callable[[], IndexRecipe] | None = None) -> None:
        """Open the index in ``folder``; with ``recipe``, create it if it is missing.

        Raises:
            CatalogError: there is no index, it is damaged or of another version.
        """
        if not self.exists(folder):
            if recipe is None:
                raise _missing(folder)
            _prepare(folder)
        self.folder = folder
        self.name = str(folder)
        self.catalog = SqliteCatalog(folder / _CATALOG, recipe)
        self._snapshot: Snapshot | None = None
        self._lock = Lock()

    @SharedProperty
    def _write_lock(self) -> FileLock:
        from filelock import FileLock

        return FileLock(self.folder / _LOCK, timeout=0)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether ``folder`` holds an index."""
        return (folder / _CATALOG).is_file()

    def snapshot(self) -> Snapshot:
        """Return the search structures of this thread's generation; see ``reading``."""
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != self.catalog.generation:
                self._snapshot = current(self.catalog, self.folder)
            return self._snapshot

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        return self.catalog.reading()

    def copying(self) -> AbstractContextManager[None]:
        """Return a context in which all of the catalog can be copied; others may write."""
        return self.reading()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock, which only one process can have and which ends with it.

        A thread that holds it may take it again, so that one ingest can pause for another.

        Raises:
            LockedIndexError: another process or thread holds it.
            CatalogError: the folder is read-only.
        """
        from filelock import Timeout

        try:
            self._write_lock.acquire()
        except Timeout:
            raise LockedIndexError(
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
            self._write_lock.release()

    def shrink(self, change: Callable[[], None]) -> None:
        """Make a change that only deletes; on a full disk, in the room that is kept for it.

        Raises:
            CatalogError: it cannot be made; then the index is as it was.
        """
        try:
            change()
        except CatalogError:
            if not reserve.release(self.folder):
                raise
            change()
            self.catalog.settle()

    def refresh_snapshot(self) -> None:
        """Update the snapshot on disk and delete those of earlier generations."""
        discard(self.folder, keep=self.snapshot().generation)
        reserve.keep(self.folder, self.catalog.size)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the catalog, the vector and lexical indexes, and other files."""
        sizes = {"catalog": 0, "vectors": 0, "lexical": 0, "other": 0}
        # Old snapshots may be deleted meanwhile: os.walk passes over a folder that is gone.
        for folder, _, names in os.walk(self.folder):
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):
                    sizes[_part(path.relative_to(self.folder))] += path.stat().st_size
        return sizes

    def check(self) -> IndexCheck:
        """Verify all stored data and measure the recall of the vector index."""
        return check_index(self.catalog, self.folder, self.snapshot())

    def repair(self) -> None:
        """Delete damaged documents, so that the next ingest reads their files again."""
        with self.writing():
            if not (ids := list(damaged_documents(self.catalog))):
                return
            with self.catalog.transaction() as changes:
                changes.delete_documents(ids)

    def export(self, target: Path) -> None:
        """Write the index to the new file ``target``; see ``index.export``."""
        export_catalog(self.catalog, target)

    @classmethod
    def import_from(cls, file: Path, folder: Path) -> None:
        """Create the index ``folder`` from an exported ``file``.

        Raises:
            CatalogError: the folder has an index already, or the file is not a valid index.
        """
        if cls.exists(folder):
            raise CatalogError(
                f"There is an index in {folder} already.", "Choose another folder with --index."
            )
        _prepare(folder)
        import_catalog(file, folder / _CATALOG)

    @classmethod
    def examine(cls, folder: Path) -> IndexCheck:
        """Do ``check`` in a folder whose catalog may not open."""
        if not cls.exists(folder):
            raise _missing(folder)
        try:
            index = cls(folder)
        except CatalogError as error:
            return unreadable_index(folder / _CATALOG, error)
        try:
            return index.check()
        except CatalogError as error:
            return unreadable_index(folder / _CATALOG, error)
        finally:
            index.close()

    def close(self) -> None:
        """Close the files."""
        self.catalog.close()


def _part(path: Path) -> str:
    if path.name.startswith(_CATALOG):
        return "catalog"
    if path.parts[0].startswith(PREFIX):
        return "lexical" if "lexical" in path.parts else "vectors"
    return "other"


def _missing(folder: Path) -> CatalogError:
    return CatalogError(f"There is no index in {folder}.", "Run `aiqa ingest PATH` to make one.")


def _prepare(folder: Path) -> None:
    """Create the folder; delete snapshots of an earlier index in it."""
    try:
        # What it holds may be of documents that not all users of this machine may read.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"The index folder {folder} cannot be made: {error.strerror}.",
            "Choose another with --index.",
        ) from error
    discard(folder)
