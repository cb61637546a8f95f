"""The index: the catalog and the search structures that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from aiqa.errors import CatalogError
from aiqa.index.catalog import Catalog
from aiqa.index.export import export_catalog, import_catalog
from aiqa.index.integrity import check_index, damaged, unusable
from aiqa.index.schema import IndexRecipe
from aiqa.index.snapshot import PREFIX, Snapshot, current, discard
from aiqa.types import IndexCheck

_CATALOG = "catalog.sqlite3"
_LOCK = "write.lock"


class Index:
    """An index folder: ``catalog`` is the truth, searches go to a snapshot of its generation."""

    def __init__(self, folder: Path, recipe: Callable[[], IndexRecipe] | None = None) -> None:
        """Open the index in ``folder``; given what makes its ``recipe``, create it if need be.

        Raises:
            CatalogError: there is no index, it is damaged, of another version, or cannot be made.
        """
        if not self.exists(folder):
            if recipe is None:
                raise _missing(folder)
            _prepare(folder)
        self.folder = folder
        self.catalog = Catalog(folder / _CATALOG, recipe)
        self._snapshot: Snapshot | None = None
        self._lock = Lock()

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether ``folder`` holds an index."""
        return (folder / _CATALOG).is_file()

    def snapshot(self) -> Snapshot:
        """Return the search structures of the generation that this thread sees; see ``reading``."""
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != self.catalog.generation:
                self._snapshot = current(self.catalog, self.folder)
            return self._snapshot

    def reading(self) -> AbstractContextManager[None]:
        """Let everything that this thread reads inside be of one generation."""
        return self.catalog.reading()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, which one process has at a time, and which ends with it.

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

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the catalog, each half of the search structures, and the rest."""
        sizes = {"catalog": 0, "vectors": 0, "lexical": 0, "other": 0}
        for path in self.folder.rglob("*"):
            # Another process may be tidying up.
            with suppress(FileNotFoundError):
                if path.is_file():
                    sizes[_part(path.relative_to(self.folder))] += path.stat().st_size
        return sizes

    def check(self) -> IndexCheck:
        """Check whether all is as it was stored, and how well it is searched."""
        return check_index(self.catalog, self.folder, self.snapshot())

    def mend(self) -> None:
        """Forget the documents that are damaged, so that their files are read again."""
        with self.writing():
            lost = list(damaged(self.catalog))
            with self.catalog.transaction() as changes:
                changes.forget_documents(lost)

    def export(self, target: Path) -> None:
        """Write the index to the new file ``target``; see ``index.export``."""
        export_catalog(self.catalog, target)

    @classmethod
    def bring_in(cls, file: Path, folder: Path) -> None:
        """Make the index ``folder`` of an exported ``file``.

        Raises:
            CatalogError: there is an index already, or the file is not a sound one.
        """
        if cls.exists(folder):
            raise CatalogError(
                f"There is an index in {folder} already.", "Choose another folder with --index."
            )
        _prepare(folder)
        import_catalog(file, folder / _CATALOG)

    @classmethod
    def examine(cls, folder: Path) -> IndexCheck:
        """Check as ``check`` does, in a folder whose catalog may not even open."""
        if not cls.exists(folder):
            raise _missing(folder)
        try:
            index = cls(folder)
        except CatalogError as error:
            return unusable(folder / _CATALOG, error)
        try:
            return index.check()
        except CatalogError as error:
            return unusable(folder / _CATALOG, error)
        finally:
            index.close()

    def close(self) -> None:
        """Release the files."""
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
    """Make the folder; what an earlier index derived must not pass for the new one's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"The index folder {folder} cannot be made: {error.strerror}.",
            "Choose another with --index.",
        ) from error
    discard(folder)
