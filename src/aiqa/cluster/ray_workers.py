"""Workers of an ingest on the nodes of a Ray cluster, which share embedders there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np

from aiqa.cluster.ingestion import Start
from aiqa.cluster.postgres import ConflictError
from aiqa.cluster.ray_cluster import SHARE, connect, on_node
from aiqa.cluster.worker_process import WorkPlan
from aiqa.embedders import Embedder, Vectors
from aiqa.errors import DependencyError

_TEXTS = 64
"""Texts of one call: enough that the way there is little beside the work."""

_MOST_RESTARTS = 10
_MOST_ASKED = 5


class RemoteEmbedder:
    """The embedder of ``make``, loaded in an actor."""

    def __init__(self, make: Callable[[], Embedder]) -> None:
        self._embedder = make()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of ``texts``."""
        return self._embedder.encode(texts)


class PooledEmbedder:
    """An ``Embedder`` whose texts are embedded by the actors ``pool``, several at a time.

    Word pieces are counted here, by ``local``, which need not load its model for that.
    """

    def __init__(self, local: Embedder, pool: Sequence[Any]) -> None:
        self._local = local
        self._pool = cycle(pool)
        self.identity = local.identity
        self.dimensions = local.dimensions
        self.max_tokens = local.max_tokens

    def count_tokens(self, text: str) -> int:
        """Return the number of word pieces of ``text``, with special ones, without truncation."""
        return self._local.count_tokens(text)

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return unit vectors, float32, shape ``(len(texts), dimensions)``."""
        import ray

        parts = [texts[start : start + _TEXTS] for start in range(0, len(texts), _TEXTS)]
        calls = [next(self._pool).encode.remote(list(part)) for part in parts]
        vectors = [np.zeros((0, self.dimensions), dtype=np.float32)]
        for part, call in zip(parts, calls, strict=True):
            vectors.append(self._answered(ray, part, call))
            if on_progress:
                on_progress(len(part))
        return np.concatenate(vectors)

    def _answered(self, ray: Any, part: Sequence[str], call: Any) -> Vectors:
        """Return what ``call`` returns, or another actor where the first one's node has died."""
        for _ in range(_MOST_ASKED):
            try:
                vectors: Vectors = ray.get(call)
            except ray.exceptions.RayActorError:
                call = next(self._pool).encode.remote(list(part))
            else:
                return vectors
        raise ConflictError("No embedder on the Ray cluster answers.", "Look at its nodes.")


class RemoteWorker:
    """A worker in an actor."""

    def work(self, plan: WorkPlan, pool: Sequence[Any]) -> None:
        """Work until the run is done; see ``IngestWorker.work``."""
        from aiqa.cluster.indexer import work

        # Workers that begin with the same actor would wait for one another.
        first = os.getpid() % len(pool)
        work(plan, PooledEmbedder(plan.embedder(), [*pool[first:], *pool[:first]]))


class Actors:
    """The workers and embedders of one run, as many of each, on all nodes."""

    def __init__(self, ray: Any, plan: WorkPlan, count: int) -> None:
        self._ray = ray
        # What ran on a node that dies is begun again on another.
        again = {
            "num_cpus": SHARE,
            "max_restarts": _MOST_RESTARTS,
            "max_task_retries": _MOST_RESTARTS,
        }
        remote_embedder = ray.remote(**again)(RemoteEmbedder)
        remote_worker = ray.remote(**again)(RemoteWorker)
        places = [on_node(ray, number) for number in range(count)]
        self._pool = [
            remote_embedder.options(scheduling_strategy=place).remote(plan.embedder)
            for place in places
        ]
        self._workers = [
            remote_worker.options(scheduling_strategy=place).remote() for place in places
        ]
        self._calls = [worker.work.remote(plan, self._pool) for worker in self._workers]

    def keep_up(self) -> int:
        """Return how many workers have not ended; Ray replaces those that die."""
        _, running = self._ray.wait(self._calls, num_returns=len(self._calls), timeout=0)
        return len(running)

    def end(self) -> None:
        """Kill all of them."""
        for actor in (*self._workers, *self._pool):
            self._ray.kill(actor)


def actors(plan: WorkPlan, count: int | None) -> Start:
    """Return what starts ``count`` workers and embedders for a run; one of each for each processor.

    Raises:
        DependencyError: Ray is not installed, no cluster is there, or it has too few processors.
    """
    ray = connect()
    processors = int(ray.cluster_resources().get("CPU", 0))
    if processors < (count or 1):
        raise DependencyError(
            f"The Ray cluster has {processors} processors, and {count or 1} workers were asked for."
        )

    @contextmanager
    def start(run: int) -> Iterator[Actors]:
        crew = Actors(ray, replace(plan, run=run), count or processors)
        try:
            yield crew
        finally:
            crew.end()

    return start
