"""What a search of one shard takes, and what a call to the actor that searches it adds.

``python -m eval.benchmarks.shard_calls [--passages 100000] [--searches 4000]``

A search table of generated passages (those of ``eval.benchmarks.generated_index``) is searched as a
shard is: nearest vectors, then words. Then actors on a Ray node of this machine, which answer at
once, are called, and the hits of many shards are merged. Sending and merging are told in processor
milliseconds, the others by the clock. ``eval.benchmarks.fan_out`` draws from these times, which are
kept in eval/results/shard_calls.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from eval.benchmarks.generated_index import CHUNKS, document, questions
from eval.benchmarks.vectors import drawn

from aiqa.cluster.chunk_rows import ChunkRow
from aiqa.cluster.lance_tables import LanceTables
from aiqa.cluster.shard import best
from aiqa.storage.chunk_keys import chunk_key

RESULT = Path(__file__).parents[1] / "results" / "shard_calls.json"
_HITS = 50
_CALLS = 2000
_MERGED = 512
_DRAWN = 4096


def rows(passages: int) -> Iterator[ChunkRow]:
    """Yield so many generated passages as a search table has them."""
    for number in range(passages // CHUNKS):
        text, chunks = document(number)
        vectors = drawn(len(chunks), seed=1000 + number)
        for chunk, vector in zip(chunks, vectors, strict=True):
            yield ChunkRow(
                chunk_key(text.id, "drawn", chunk.start, text.title, "", chunk.text),
                text.id,
                text.title,
                text.format,
                chunk.text,
                chunk.context,
                vector.tobytes(),
                (text.source,),
                ("default",),
                ("",),
            )


def searches(folder: str, passages: int, count: int) -> list[float]:
    """Return the milliseconds of so many searches of a new table."""
    tables = LanceTables(folder)
    published = tables.publish("generated", 384, None, (), rows(passages))
    published = tables.optimize("generated", published)
    tables.sweep("generated", [published])
    search = tables.search("generated", published, 1)
    asked = list(questions(passages // CHUNKS, count + _HITS))
    vectors = drawn(_DRAWN, seed=7)

    def searched(number: int) -> None:
        vector, question = vectors[number % _DRAWN], asked[number]
        near = search.nearest(vector, _HITS)
        words = search.lexical(question, _HITS)
        search.cosines(vector, [key for key, _ in words])
        search.lexical_scores(question, [key for key, _ in near])

    # The first ones read what all searches need.
    for number in range(_HITS):
        searched(number)
    return [_timed(lambda n=number: searched(n)) for number in range(_HITS, count + _HITS)]  # type: ignore[misc]


def sizes(folder: str, passages: int) -> dict[str, int]:
    """Return the bytes of a passage in the files of the tables: as rows, and in indexes."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    indexes = sum(path.stat().st_size for path in files if "_indices" in path.parts)
    every = sum(path.stat().st_size for path in files)
    return {"rows": round((every - indexes) / passages), "indexes": round(indexes / passages)}


def calls() -> dict[str, float]:
    """Return the middle milliseconds of a call, and what each of many at once takes to send."""
    import ray

    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=40)
    actor: Any = ray.remote(num_cpus=0)(_Echo).remote()
    # As large as what a search sends and gets.
    question = np.zeros(384, dtype=np.float32)
    hits = [(2**62 + number, 0.5) for number in range(_HITS)]

    def call() -> None:
        ray.get(actor.echo.remote(question, hits))

    def send() -> None:
        sent.extend(actor.echo.remote(question, hits) for _ in range(_MERGED))

    call()
    took = [_timed(call) for _ in range(_CALLS)]
    sent: list[Any] = []
    sending = _processor(send) / _MERGED
    ray.get(sent)
    ray.shutdown()
    return {"call_ms": round(float(np.median(took)), 3), "send_ms": round(sending, 4)}


def merging() -> float:
    """Return the milliseconds that the hits of one shard take to be merged with those of others."""
    random = np.random.default_rng(3)
    lists = [
        [(int(key), float(score)) for key, score in zip(keys, random.random(_HITS), strict=True)]
        for keys in random.integers(0, 2**62, (_MERGED, _HITS))
    ]
    took = [_processor(lambda: best(chain(*lists), _HITS)) for _ in range(5)]
    # Once for vectors and once for words.
    return round(2 * float(np.median(took)) / _MERGED, 4)


class _Echo:
    """Answers at once."""

    def echo(self, _: object, hits: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return ``hits``."""
        return hits


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _processor(act: Callable[[], object]) -> float:
    """Return the processor milliseconds of ``act``, which others on the machine change little."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=4000)
    options = parser.parse_args()
    figures: dict[str, Any] = {"passages": options.passages, **calls(), "merge_ms": merging()}
    with TemporaryDirectory() as folder:
        took = searches(folder, options.passages, options.searches)
        figures["bytes"] = sizes(folder, options.passages)
    p50, p95, p99 = np.quantile(took, (0.5, 0.95, 0.99)).round(2).tolist()
    print(json.dumps(figures | {"search p50, p95, p99": [p50, p95, p99]}))
    figures["search_ms"] = [round(one, 2) for one in took]
    RESULT.write_text(json.dumps(figures) + "\n", "utf-8")


if __name__ == "__main__":
    main()
