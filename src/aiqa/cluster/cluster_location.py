"""The place of an index in a cluster, which there may not be yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from aiqa.cluster.cluster_address import ClusterAddress
from aiqa.cluster.cluster_check import check_cluster
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.feedback_table import FeedbackTable
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_schema import is_prepared, prepare_tables
from aiqa.errors import CatalogError
from aiqa.index import Index
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import IndexCheck


class ClusterLocation:
    """Where an index of several machines is; see ``storage.Location``."""

    def __init__(self, address: str) -> None:
        """Read ``address``; nothing is connected to.

        Raises:
            SettingsError: the address cannot be used.
        """
        self._address = ClusterAddress.parse(address)
        self.name = self._address.name
        self.folder = self._address.folder
        self.is_exposed = False
        self.postgres = Postgres(self._address)

    def exists(self) -> bool:
        """Tell whether there is an index."""
        return is_prepared(self.postgres) and bool(
            self.postgres.rows("SELECT 1 FROM publications LIMIT 1")
        )

    def open(self, recipe: Callable[[], IndexRecipe] | None = None) -> ClusterStore:
        """Open the index; with ``recipe``, create it if it is missing.

        Raises:
            CatalogError: there is no index, it cannot be reached, or is of another version.
        """
        try:
            return self._opened(recipe)
        except BaseException:
            self.close()
            raise

    def examine(self) -> IndexCheck:
        """Verify all stored data, and what is searched against them."""
        return check_cluster(self.open())

    def close(self) -> None:
        """Close the connections."""
        self.postgres.close()

    def feedback(self, most_bytes: int) -> FeedbackTable:
        """Return the table of feedback, which may take up ``most_bytes``."""
        return FeedbackTable(self.postgres, most_bytes)

    def import_from(self, file: Path) -> None:
        """Create the index from an exported ``file``, or go on where that was broken off.

        Raises:
            CatalogError: there is an index of other documents, or of other versions of them, or the
                file is not a valid index.
        """
        from aiqa.index_move import copy_index

        with TemporaryDirectory() as temporary:
            folder = Path(temporary, "index")
            Index.import_from(file, folder)
            with closing(Index(folder)) as old:
                recipe = old.catalog.recipe
                with closing(self.open(lambda: recipe)) as new:
                    copy_index(old, new)
                    new.refresh_snapshot()

    def _opened(self, recipe: Callable[[], IndexRecipe] | None) -> ClusterStore:
        if recipe is None and not self.exists():
            raise CatalogError(
                f"There is no index in {self.name}.", "Run `aiqa ingest PATH` to make one."
            )
        prepare_tables(self.postgres)
        store = ClusterStore(self._address, self.postgres)
        if recipe is not None and not self.postgres.rows("SELECT 1 FROM activations LIMIT 1"):
            first = recipe()
            with store.catalog.transaction() as changes:
                changes.activate(first)
            store.refresh_snapshot()
        return store
