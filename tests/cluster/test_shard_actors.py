"""Shards that actors on two Ray nodes search: what one process finds, also when a node dies.

``AIQA_TORTURE_NODE_KILLS`` nodes are killed while four callers ask, 1 by default and 10 in
``make torture``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Filters, ScoredChunk, Settings
from aiqa.types import Document
from tests.cluster.ray_nodes import RayNodes

KILLS = int(os.environ.get("AIQA_TORTURE_NODE_KILLS", "1"))
SETTINGS = Settings.load(reader="sentences")
EVEN = Filters(sources=("even/*",))


def document(number: int) -> Document:
    text = f"The gull of harbour {number} came back in the year {1900 + number}. " * 8
    place = f"{'odd' if number % 2 else 'even'}/{number}.txt"
    return Document(f"{number:064}", place, "text", f"Harbour {number}", text)


def found(assistant: Assistant) -> list[list[ScoredChunk]]:
    questions = [f"Which gull of harbour {n} came back in {1900 + n}?" for n in (3, 4, 31)]
    return [assistant.search(one, k=12, filters=f) for one in questions for f in (None, EVEN)]


@pytest.mark.parametrize("_number", range(KILLS))
def test_actors_find_what_one_process_does_while_a_node_is_killed(
    _number: int, ray: RayNodes, postgres: str, tmp_path: Path
) -> None:
    address = f"{postgres}?lance={tmp_path / 'lance'}&shards=2"
    with Assistant(address, SETTINGS, HashEmbedder()) as assistant:
        assistant.add([document(number) for number in range(40)])
        expected = found(assistant)
    assert all(len(hits) == 12 for hits in expected)
    with (
        Assistant(f"{address}&replicas=2", SETTINGS, HashEmbedder()) as assistant,
        ThreadPoolExecutor(4) as callers,
    ):
        assert found(assistant) == expected
        answers = [callers.submit(found, assistant) for _ in range(12)]
        ray.kill()
        assert [answer.result() for answer in answers] == [expected] * 12
        # What is added afterwards is found by the same actors.
        assistant.add([document(40)])
        (first, *_) = assistant.search("Which gull of harbour 40 came back in 1940?")
        assert first.chunk.source == "even/40.txt"
    ray.add()
    ray.wait()
