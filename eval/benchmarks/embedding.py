"""How fast the bundled embedder is, beside sentence-transformers and the bare runtime.

``python -m eval.benchmarks.embedding [--passages 256] [--times 3]``

All three take the same passages of corpus/, in turns; the fastest run of each is told, in seconds
of this process's processor time and by the clock. The bare runtime is given the word pieces in the
batches that aiqa makes of them. Figures are kept in eval/results/embedding.json.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from eval.benchmarks.texts import sentences

from aiqa.embedders import BundledEmbedder, SentenceTransformerEmbedder, bundled_path
from aiqa.embedders.bundled import GRAPH, of_equal_length
from aiqa.onnx_session import processors, session

RESULT = Path(__file__).parents[1] / "results" / "embedding.json"


def passages(count: int) -> list[str]:
    """Return paragraphs of five sentences of corpus/, always the same."""
    chance, stock = random.Random(1), sentences()  # noqa: S311
    return [" ".join(chance.choices(stock, k=5)) for _ in range(count)]


def bare(texts: list[str], embedder: BundledEmbedder) -> Callable[[], object]:
    """Return a run of the model alone, on word pieces that are there already."""
    ids = embedder.word_pieces(texts)
    batches = [np.array([ids[i] for i in batch]) for batch in of_equal_length(ids)]
    runtime = session(GRAPH, weights=bundled_path(), threads=1)

    def run() -> None:
        with ThreadPoolExecutor(processors()) as threads:
            list(threads.map(lambda batch: runtime.run(None, {"ids": batch}), batches))

    return run


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=256)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    texts = passages(options.passages)
    bundled, reference = BundledEmbedder(), SentenceTransformerEmbedder()
    runs: dict[str, Callable[[], object]] = {
        "aiqa": lambda: bundled.encode(texts),
        "bare runtime": bare(texts, bundled),
        "sentence-transformers": lambda: reference.encode(texts),
    }
    cosines = (bundled.encode(texts) * reference.encode(texts)).sum(axis=1)
    best: dict[str, dict[str, float]] = {}
    for _ in range(options.times):
        for name, run in runs.items():
            clock, processor = time.perf_counter(), time.process_time()
            run()
            found = {
                "seconds": round(time.perf_counter() - clock, 3),
                "processor_seconds": round(time.process_time() - processor, 3),
            }
            before = best.setdefault(name, found)
            best[name] = {key: min(value, before[key]) for key, value in found.items()}
    figures = {"passages": len(texts), "least_cosine": round(float(cosines.min()), 7), **best}
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
