"""How `aiqa ingest` shares its work among workers."""

from __future__ import annotations

from collections.abc import Callable

from aiqa.assistant import Assistant
from aiqa.errors import DependencyError
from aiqa.types import IngestReport


def ingest_by_workers(
    assistant: Assistant, index: str, workers: int | None, *, on_ray: bool
) -> Callable[..., IngestReport]:
    """Return ``Assistant.ingest``, with files read by ``workers`` into the cluster at ``index``.

    They are processes of this machine or, ``on_ray``, actors of a Ray cluster: by default one for
    each of its processors.

    Raises:
        DependencyError: the packages for clusters are not installed, or no Ray cluster is there.
    """
    try:
        from aiqa.cluster.indexer import ClusterIndexer
    except ImportError as error:
        raise DependencyError(
            "Workers need packages that are not installed.",
            "Install them with `pip install 'aiqa[cluster]'`.",
        ) from error
    return ClusterIndexer.of(
        index, assistant.store, lambda: assistant.embedder, workers, on_ray=on_ray
    ).ingest
