"""The connection to a Ray cluster: the one at ``RAY_ADDRESS``, otherwise that of this machine."""

from __future__ import annotations

import logging
import os
from typing import Any

from aiqa.errors import DependencyError

_NAMESPACE = "aiqa"

SHARE = 0.01
"""Processors that an actor asks for: enough that Ray minds where it is to be, and so little that it
is begun again on any node when its own has died."""


def connect() -> Any:
    """Return the module of Ray, connected to its cluster.

    Raises:
        DependencyError: Ray is not installed, or no cluster is there.
    """
    # Nothing is told to anybody; Ray reads this when it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise DependencyError(
            "Ray is not installed.", "Run `pip install 'aiqa[cluster]'`."
        ) from error
    if not ray.is_initialized():
        try:
            ray.init(
                os.environ.get("RAY_ADDRESS", "auto"),
                namespace=_NAMESPACE,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise DependencyError(
                f"There is no Ray cluster to connect to ({str(error).splitlines()[0]})",
                "Start one with `ray start --head`, or set RAY_ADDRESS and RAY_AUTH_TOKEN.",
            ) from error
    return ray


def on_node(ray: Any, number: int) -> Any:
    """Return where to place an actor: the working nodes have numbers, which begin again.

    If that node dies, the actor may be begun again on another.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    nodes = sorted(
        node["NodeID"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")
    )
    return NodeAffinitySchedulingStrategy(nodes[number % len(nodes)], soft=True)
