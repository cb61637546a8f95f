"""All shards of an index, asked together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from aiqa.cluster.shard import Shard

T = TypeVar("T")


class Shards(Protocol):
    """What asks every shard the same."""

    def each(self, ask: Callable[[Shard], T]) -> list[T]:
        """Return what ``ask`` returns for every shard, in order of their numbers.

        ``ask`` may be called in another process.

        Raises:
            CatalogError: a shard cannot be asked.
        """
        ...


class OwnShards:
    """The shards, asked by threads of this process."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = shards
        self._threads = ThreadPoolExecutor(len(shards)) if len(shards) > 1 else None

    def each(self, ask: Callable[[Shard], T]) -> list[T]:
        """Do the same; see ``Shards``."""
        asked = self._threads.map if self._threads else map
        return list(asked(ask, self._shards))
