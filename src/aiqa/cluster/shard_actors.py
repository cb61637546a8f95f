"""Shards that actors on a Ray cluster search, each at several replicas.

All servers share the actors, which stay when a server ends. An actor keeps what it has read of the
publications that were searched last, so it should run where its shard was searched before.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiqa.cluster.lance_import import import_lance
from aiqa.cluster.ray_cluster import SHARE, connect, on_node
from aiqa.cluster.replicated_calls import Patience, ReplicatedCalls
from aiqa.cluster.shard import Shard

T = TypeVar("T")

_VERSIONS_KEPT = 4
_START_SECONDS = 60
_SEARCHES_AT_ONCE = 4
"""Searches of one replica at a time; further ones wait."""


class ShardActor:
    """One replica of a shard."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Shard, Shard] = OrderedDict()

    def load(self) -> None:
        """Import what a search needs, for which a question would not wait."""
        import_lance()

    def ask(self, shard: Shard, question: bytes) -> Any:
        """Return what the pickled function ``question`` returns for ``shard``."""
        return connect().cloudpickle.loads(question)(self._opened(shard))

    def _opened(self, shard: Shard) -> Shard:
        """Return the shard as it was opened before."""
        opened = self._kept.setdefault(shard, shard)
        while len(self._kept) > _VERSIONS_KEPT:
            self._kept.popitem(last=False)
        return opened


class ActorShards:
    """All shards of one publication, asked by ``calls``; see ``Shards``."""

    def __init__(self, shards: Sequence[Shard], calls: ReplicatedCalls) -> None:
        self._shards = shards
        self._calls = calls

    def each(self, ask: Callable[[Shard], T]) -> list[T]:
        """Return what ``ask`` returns for every shard, in order of their numbers.

        Raises:
            CatalogError: a shard does not answer in time, or none of its replicas can.
        """
        # Pickled once, not for every shard.
        question = connect().cloudpickle.dumps(ask)
        return self._calls.ask("ask", [(shard, question) for shard in self._shards])


def shard_calls(
    place: str, shards: int, replicas: int, patience: Patience | None = None
) -> ReplicatedCalls:
    """Return calls to the actors for the shards at ``place``, which are started if they are not.

    Replicas of one shard are on different nodes, as far as there are.

    Raises:
        DependencyError: Ray is not installed, or no cluster is there.
    """
    ray = connect()
    name = hashlib.blake2b(place.encode(), digest_size=6).hexdigest()
    remote = ray.remote(num_cpus=SHARE, max_restarts=-1, max_concurrency=_SEARCHES_AT_ONCE)(
        ShardActor
    )
    actors = [
        [
            remote.options(
                name=f"shard-{name}-{shard}-{replica}",
                get_if_exists=True,
                lifetime="detached",
                scheduling_strategy=on_node(ray, shard + replica),
            ).remote()
            for replica in range(replicas)
        ]
        for shard in range(shards)
    ]
    loading = [actor.load.remote() for shard in actors for actor in shard]
    ray.wait(loading, num_returns=len(loading), timeout=_START_SECONDS)
    return ReplicatedCalls(ray, actors, patience)
