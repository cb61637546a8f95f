"""The indexer of a cluster, whose ingests are read by several workers, and what a worker runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Self, cast

from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.ingestion import ClusterIngestion, Start
from aiqa.cluster.work_queue import WorkQueue
from aiqa.cluster.worker import IngestWorker, Tools
from aiqa.cluster.worker_process import WorkPlan, processes
from aiqa.config import Settings
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder, open_embedder
from aiqa.errors import SettingsError
from aiqa.ingestion.batch_writer import BatchWriter
from aiqa.ingestion.indexer import Indexer
from aiqa.ingestion.pipeline import Ingestion
from aiqa.storage import IndexRecipe
from aiqa.storage.opening import is_cluster

LEASE_SECONDS = 30.0
"""How long a worker may be silent before others take over what it holds."""


class ClusterIndexer(Indexer):
    """Changes what ``store`` holds; ``start`` starts the workers that read files.

    A worker that is silent for ``lease_seconds`` counts as dead.
    """

    def __init__(
        self,
        store: DocumentStore,
        embedder: Callable[[], Embedder],
        start: Start,
        lease_seconds: float,
    ) -> None:
        super().__init__(store, embedder)
        self._start = start
        self._lease_seconds = lease_seconds

    def _ingestion(self) -> Ingestion:
        index = cast("ClusterStore", self._store.create_index(lambda: self._recipe(None)))
        recipe = self._recipe(index.catalog.recipe)
        parts = index, recipe, lambda: self._chunker, self._embedder(), self._parsing
        return ClusterIngestion(
            *parts, sql=index.postgres.rows, start=self._start, lease_seconds=self._lease_seconds
        )

    @classmethod
    def of(
        cls,
        index: str,
        store: DocumentStore,
        embedder: Callable[[], Embedder],
        workers: int | None,
        *,
        on_ray: bool,
    ) -> Self:
        """Return the indexer of so many ``workers``: processes of this machine, or on Ray's nodes.

        ``index`` is the address of the index that ``store`` is of.

        Raises:
            SettingsError: the index is in a folder.
            DependencyError: there is no Ray, or its cluster has too few processors.
        """
        if not is_cluster(index):
            raise SettingsError(
                f"Several workers cannot write to the folder {index}.",
                "Name an index in PostgreSQL with --index, or leave out --workers and --cluster.",
            )
        settings = store.settings
        make = partial(open_embedder, settings.embedder)
        plan = WorkPlan(index, settings.model_dump(), make, LEASE_SECONDS)
        if on_ray:
            from aiqa.cluster.ray_workers import actors

            return cls(store, embedder, actors(plan, workers), LEASE_SECONDS)
        return cls(store, embedder, processes(plan, workers or 1), LEASE_SECONDS)


class WorkerIndexer(Indexer):
    """What one worker stores by."""

    def worker(self, run: int, lease_seconds: float) -> IngestWorker:
        """Return a worker for the run of this number."""
        index = cast("ClusterStore", self._store.index)

        @cache
        def parts() -> tuple[IndexRecipe, Embedder]:
            return self._recipe(index.catalog.recipe), self._embedder()

        def writer() -> BatchWriter:
            recipe, embedder = parts()
            return BatchWriter(index.catalog, recipe, lambda: self._chunker, embedder)

        queue = WorkQueue(index.postgres.rows, run, lease_seconds)
        return IngestWorker(Tools(index.catalog, queue, writer, self._parsing))


def work(plan: WorkPlan, embedder: Embedder | None = None) -> None:
    """Work by ``plan`` until its run is done; with ``embedder`` in the place of the plan's.

    Raises:
        CatalogError: the database failed again and again.
        DependencyError: the embedder, or a package that a loader needs, is missing.
    """
    chosen = cache(lambda: embedder or plan.embedder())
    with DocumentStore(plan.index, Settings(**plan.settings)) as store:
        WorkerIndexer(store, chosen).worker(plan.run, plan.lease_seconds).work()
