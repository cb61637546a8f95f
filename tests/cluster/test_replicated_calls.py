"""Calls to shards on two Ray nodes: answered in time while one of them dies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aiqa.cluster.ray_cluster import SHARE, connect, on_node
from aiqa.cluster.replicated_calls import Patience, ReplicatedCalls
from aiqa.errors import CatalogError
from tests.cluster.ray_nodes import RayNodes

SHARDS = 2


class Echo:
    """Answers with its shard, after the seconds that it was told to take."""

    def __init__(self, shard: int) -> None:
        self._shard = shard
        self._seconds = 0.0

    def node(self) -> str:
        return str(connect().get_runtime_context().get_node_id())

    def be_slow(self, seconds: float) -> None:
        self._seconds = seconds

    def add(self, number: int) -> int:
        time.sleep(self._seconds)
        if number < 0:
            raise CatalogError("There is no such generation.")
        return self._shard + number


@pytest.fixture(scope="module")
def replicas(ray: RayNodes) -> Iterator[list[list[Any]]]:  # noqa: ARG001  # it runs
    """Two replicas of each shard, on two nodes; the last test kills one of them."""
    module = connect()
    echo = module.remote(num_cpus=SHARE)(Echo)
    shards = [
        [
            echo.options(scheduling_strategy=on_node(module, shard + replica)).remote(shard)
            for replica in range(2)
        ]
        for shard in range(SHARDS)
    ]
    module.get([actor.add.remote(0) for shard in shards for actor in shard])
    yield shards
    for actor in (actor for shard in shards for actor in shard):
        module.kill(actor)


def test_every_shard_answers_once_and_in_order(replicas: list[list[Any]]) -> None:
    calls = ReplicatedCalls(connect(), replicas)
    assert [calls.ask("add", [(10,), (10,)]) for _ in range(4)] == [[10, 11]] * 4


def test_a_late_replica_is_passed_over_until_it_has_rested(replicas: list[list[Any]]) -> None:
    ray = connect()
    calls = ReplicatedCalls(ray, replicas, Patience(0.1, 0.3))
    ray.get(replicas[1][0].be_slow.remote(1))
    took = []
    for _ in range(6):
        begun = time.monotonic()
        assert calls.ask("add", [(10,), (10,)]) == [10, 11]
        took.append(time.monotonic() - begun)
    ray.get(replicas[1][0].be_slow.remote(0))
    assert sorted(took)[-2] < 0.1 < max(took) < 0.3


def test_a_shard_without_a_replica_that_answers_is_an_error(replicas: list[list[Any]]) -> None:
    ray = connect()
    calls = ReplicatedCalls(ray, replicas, Patience(0.05, 0.1))
    with pytest.raises(CatalogError, match="no such generation"):
        calls.ask("add", [(-1,), (-1,)])
    ray.get([replica.be_slow.remote(0.5) for replica in replicas[1]])
    with pytest.raises(CatalogError, match="Shard 2 of 2 does not answer"):
        calls.ask("add", [(1,), (1,)])
    ray.get([replica.be_slow.remote(0) for replica in replicas[1]])


def test_every_question_is_answered_while_a_node_is_killed(
    ray: RayNodes, replicas: list[list[Any]]
) -> None:
    module = connect()
    nodes = [{module.get(actor.node.remote()) for actor in shard} for shard in replicas]
    assert all(len(places) == 2 for places in nodes)
    calls = ReplicatedCalls(module, replicas, Patience(0.3, 0.5))
    with ThreadPoolExecutor(4) as callers:
        answers = [
            callers.submit(calls.ask, "add", [(number,), (number,)]) for number in range(200)
        ]
        ray.kill()
        found = [answer.result() for answer in answers]
    ray.add()
    ray.wait()
    assert found == [[number, number + 1] for number in range(200)]
