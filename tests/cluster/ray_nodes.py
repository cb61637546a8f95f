"""A Ray cluster of two nodes on loopback, of which one can be killed."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiqa.cluster.ray_cluster import connect

_MEMORY = 80_000_000
_WAIT_SECONDS = 60


class RayNodes:
    """Two nodes of one processor each, and more that are added; this process is their driver."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster()
        self.added: list[Any] = []
        for _ in range(2):
            self.add()

    @property
    def address(self) -> str:
        """Where the first node listens."""
        return str(self._cluster.address)

    def add(self) -> None:
        """Start another node."""
        node = self._cluster.add_node(
            num_cpus=1,
            object_store_memory=_MEMORY,
            include_dashboard=False,
        )
        self.added.append(node)

    def wait(self) -> None:
        """Wait until all nodes can be used, and those that were killed are known to be dead."""
        limit = time.monotonic() + _WAIT_SECONDS
        while True:
            alive = [node for node in connect().nodes() if node["Alive"]]
            processors = connect().cluster_resources().get("CPU", 0)
            if len(alive) == processors == len(self.added):
                return
            assert time.monotonic() < limit, alive
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill all processes of the last node at once that this process is not connected to."""
        from ray._private.worker import global_worker

        own = getattr(global_worker.node, "_raylet_socket_name", None)
        node = next(n for n in reversed(self.added) if n._raylet_socket_name != own)
        self.added.remove(node)
        self._cluster.remove_node(node, allow_graceful=False)

    def stop(self) -> None:
        """End all nodes."""
        connect().shutdown()
        self._cluster.shutdown()  # type: ignore[no-untyped-call]


@contextmanager
def ray_nodes() -> Iterator[RayNodes]:
    """Run two nodes that take calls only from those who have their token."""
    variables = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        # Nodes listen on loopback; Ray reads this when it is imported.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        # A node that was killed is noticed soon.
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_timeout_ms": "1000",
        "RAY_health_check_failure_threshold": "3",
    }
    with patch.dict(os.environ, variables):
        nodes = RayNodes()
        os.environ["RAY_ADDRESS"] = nodes.address
        connect()
        nodes.wait()
        try:
            yield nodes
        finally:
            nodes.stop()
