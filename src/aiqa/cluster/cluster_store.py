"""An index of several machines: the catalog, and the search of what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, local

from aiqa.cluster.catalog_view import CatalogView
from aiqa.cluster.cluster_address import ClusterAddress
from aiqa.cluster.lance_tables import LanceTables
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_catalog import PostgresCatalog
from aiqa.cluster.publication import Publisher, tables_name
from aiqa.cluster.replicated_calls import ReplicatedCalls
from aiqa.cluster.shard import Shard
from aiqa.cluster.shards import Shards
from aiqa.cluster.stored_originals import StoredOriginals
from aiqa.errors import CatalogError, LockedIndexError
from aiqa.index import Index
from aiqa.index.export import require_new
from aiqa.index.integrity import damaged_documents
from aiqa.storage.search import Search

_SEARCHES_KEPT = 3
"""Generations whose search stays open: answers may be under way in earlier ones."""


class ClusterStore:
    """An index in PostgreSQL and an object store; see ``storage.Store``."""

    def __init__(self, address: ClusterAddress, postgres: Postgres) -> None:
        """Open the index, whose tables have been prepared."""
        self.address = address
        self.name = address.name
        self.postgres = postgres
        self.tables = LanceTables(address.lance, address.shards)
        self.view = CatalogView(postgres)
        self.originals = StoredOriginals(address.lance) if address.originals else None
        self.catalog = PostgresCatalog(postgres, self.view, self.originals)
        self.publisher = Publisher(postgres, self.view, self.tables)
        self._searches: dict[int, Search] = {}
        self._calls: ReplicatedCalls | None = None
        self._lock = Lock()
        self._writing = local()

    def snapshot(self) -> Search:
        """Return the search of this thread's generation; see ``reading``."""
        publication = self.view.publication
        with self._lock:
            search = self._searches.get(publication.generation)
            if search is None:
                name = tables_name(publication.recipe)
                search = self.tables.search(
                    name,
                    publication.search,
                    publication.generation,
                    self._actors(self.tables.shards(name, publication.search)),
                )
                while len(self._searches) >= _SEARCHES_KEPT:
                    self._searches.pop(min(self._searches))
                self._searches[publication.generation] = search
            return search

    def _actors(self, shards: Sequence[Shard]) -> Shards | None:
        """Return ``shards`` as actors search them, if the address asks for it."""
        if not self.address.replicas:
            return None
        from aiqa.cluster.shard_actors import ActorShards, shard_calls

        if self._calls is None:
            self._calls = shard_calls(self.address.lance, len(shards), self.address.replicas)
        return ActorShards(shards, self._calls)

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        return self.catalog.reading()

    @contextmanager
    def copying(self) -> Iterator[None]:
        """Keep others from ingesting, and make all reads of this thread see what was committed.

        Raises:
            CatalogError: it cannot be published.
            LockedIndexError: another process or thread ingests.
        """
        # Files have no generations: an ingest that was broken off may have recorded one as read
        # whose documents are yet to be published.
        with self.writing():
            self.refresh_snapshot()
            with self.reading():
                yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of whoever ingests or removes, which ends with the process.

        A thread that holds it may take it again. Workers of an ingest do not need it.

        Raises:
            LockedIndexError: another process or thread holds it.
        """
        if getattr(self._writing, "is_held", False):
            yield
            return
        with self.postgres.locked("aiqa writer") as is_held:
            if not is_held:
                raise LockedIndexError(
                    f"Another process is writing to the index {self.name}.",
                    "Wait until it is done, then try again.",
                )
            self._writing.is_held = True
            try:
                yield
            finally:
                self._writing.is_held = False

    def shrink(self, change: Callable[[], None]) -> None:
        """Make a change that only deletes."""
        change()

    def refresh_snapshot(self) -> None:
        """Publish what was committed, so that the next search finds it."""
        self.publisher.publish()

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the database."""
        ((size,),) = self.postgres.rows("SELECT pg_database_size(current_database())")
        return {"catalog": int(size)}

    def repair(self) -> None:
        """Delete damaged documents, so that the next ingest reads their files again."""
        with self.writing():
            if ids := list(damaged_documents(self.catalog)):
                with self.catalog.transaction() as changes:
                    changes.delete_documents(ids)
                self.refresh_snapshot()

    def export(self, target: Path) -> None:
        """Write the index to the new file ``target``; until that is done nobody else ingests.

        Raises:
            CatalogError: the file exists or cannot be written, or what was committed cannot be
                published.
            LockedIndexError: another process ingests.
        """
        from aiqa.index_move import copy_index

        require_new(target)
        with self.writing(), _folder_beside(target) as folder:
            recipe = self.catalog.recipe
            with closing(Index(folder / "index", lambda: recipe)) as copy:
                copy_index(self, copy)
                copy.export(target)

    def close(self) -> None:
        """Close the connections."""
        self.postgres.close()


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """Make a folder on the disk of ``file``, which is deleted afterwards."""
    try:
        with TemporaryDirectory(prefix=f".{file.name}.", dir=file.absolute().parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise CatalogError(
            f"The index cannot be written to {file}: {error.strerror}.", "Choose another place."
        ) from error
