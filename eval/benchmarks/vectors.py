"""Exact search and inverted lists by number of vectors: time, memory, and recall.

``python -m eval.benchmarks.vectors [--sizes 50000 100000 200000 400000]``

Vectors are drawn around the centres of clusters, as texts on common subjects are. Questions are
drawn likewise and are not among them. Search times are the middle of 100 questions.

Such clusters are found easily. ``--vectors FILE --questions FILE``, arrays of NumPy of what the
embedder makes of real sentences and real questions, show how many lists have to be searched.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Vectors
from aiqa.index import vectors as module
from aiqa.index.snapshot import RESCORED
from aiqa.index.vectors import Batches, VectorIndex

RESULT = Path(__file__).parents[1] / "results" / "vectors.json"
_DIMENSIONS = 384
_QUESTIONS = 100
_K = 20
_BATCH = 4096


def drawn(count: int, seed: int) -> Vectors:
    """Unit vectors, shape ``(count, 384)``, around 2,000 centres."""
    centres = np.random.default_rng(0).standard_normal((2000, _DIMENSIONS), dtype=np.float32)
    chance = np.random.default_rng(seed)
    found = centres[chance.integers(0, len(centres), count)]
    found += chance.standard_normal(found.shape, dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found, dtype=np.float32)


def fetcher(vectors: Vectors) -> Callable[[NDArray[np.int64]], Batches]:
    """What gives vectors by their keys, as the catalog does."""

    def fetch(keys: NDArray[np.int64]) -> Batches:
        for start in range(0, len(keys), _BATCH):
            some = keys[start : start + _BATCH]
            yield some, vectors[some]

    return fetch


def measure(vectors: Vectors, questions: Vectors, *, exact: bool) -> dict[str, Any]:
    """Seconds to build, milliseconds to search, and what is found."""
    clock = time.monotonic()
    with patch.object(module, "EXACT_UP_TO", len(vectors) if exact else 0):
        index = VectorIndex.build(np.arange(len(vectors)), _DIMENSIONS, fetcher(vectors))
    built = time.monotonic() - clock
    times, hits = [], 0
    for question in questions:
        clock = time.perf_counter()
        # More than are wanted, as a snapshot takes them before it makes the scores exact.
        found = {key for key, _ in index.search(question, _K if exact else RESCORED * _K)}
        times.append((time.perf_counter() - clock) * 1000)
        truth = np.argpartition(-(vectors @ question), _K)[:_K]
        hits += len(found & {int(key) for key in truth})
    return {
        "build_s": round(built, 1),
        "search_ms": round(median(times), 2),
        "recall_at_20": round(hits / (_K * len(questions)), 4),
        "lists": index.lists,
        "searched": index.probes,
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 100_000, 200_000, 400_000])
    parser.add_argument("--vectors", type=Path, help="of real sentences, shape (n, 384)")
    parser.add_argument("--questions", type=Path, help="of real questions, shape (m, 384)")
    options = parser.parse_args()
    questions = drawn(_QUESTIONS, seed=2)
    if options.questions:
        questions = np.load(options.questions)[:_QUESTIONS]
    real = np.load(options.vectors) if options.vectors else None
    rows = []
    for size in options.sizes:
        vectors = drawn(size, seed=1) if real is None else real[:size]
        for exact in (True, False):
            row = {"vectors": size, "exact": exact, **measure(vectors, questions, exact=exact)}
            print(json.dumps(row), flush=True)
            rows.append(row)
    RESULT.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
