"""What an index of many passages costs: time to open and to search, and memory.

``python -m eval.benchmarks.scale [--sizes 10000 100000] [--folder DIR]``

Indexes are generated, always the same: documents of 20 passages with sentences of corpus/, and
vectors around 2,000 centres as in ``eval.benchmarks.vectors``. They stay in --folder if one is
given, and are not made again. Searches are the middle of 50 questions, without embedding the
question and without reading; opening and memory are those of a new process. Times are told by the
clock and in processor milliseconds. Figures are kept in eval/results/scale.json.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from eval.benchmarks.texts import sentences
from eval.benchmarks.vectors import drawn

from aiqa.checksums import content_id
from aiqa.embedders import Vectors
from aiqa.index import Index, IndexRecipe
from aiqa.index.catalog_writer import StoredFile
from aiqa.retrieval.retriever import Retriever
from aiqa.types import Chunk, Document, Filters, Span

RESULT = Path(__file__).parents[1] / "results" / "scale.json"
_RECIPE = IndexRecipe("drawn", 384, 160, 0)
_CHUNKS = 20
"""Passages of a document."""

_AT_ONCE = 500
"""Documents of a transaction."""

_QUESTIONS = 50


class _Drawn:
    """An embedder whose vectors are drawn, one after another."""

    identity, dimensions, max_tokens = _RECIPE.embedder, _RECIPE.dimensions, 256

    def __init__(self) -> None:
        self._left = list(drawn(_QUESTIONS * 4, seed=7))

    def encode(self, texts: Sequence[str], _: object = None) -> Vectors:
        return np.array([self._left.pop() for _ in texts])

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def document(chance: random.Random, stock: list[str], number: int) -> tuple[Document, list[Chunk]]:
    """Return a document with its passages."""
    passages = [
        " ".join([*chance.choices(stock, k=4), f"It is filed under {chance.randrange(10**6)}."])
        for _ in range(_CHUNKS)
    ]
    text, title = "\n".join(passages), f"Report {number}"
    source = f"reports/{number % 10}/{number}.md"
    made = Document(content_id(text.encode()), source, "markdown", title, text, (), ())
    chunks, start = [], 0
    for words in passages:
        place = Span(start, start + len(words))
        chunks.append(
            Chunk(
                made.id, source, title, "markdown", ("Part",), None, place.start, place.end,
                words, (place,),
            )
        )  # fmt: skip
        start = place.end + 1
    return made, chunks


def generate(folder: Path, size: int) -> None:
    """Write an index of ``size`` passages to ``folder``."""
    index = Index(folder, lambda: _RECIPE)
    chance, stock = random.Random(size), sentences()  # noqa: S311
    for start in range(0, size // _CHUNKS, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, size // _CHUNKS))
        vectors = drawn(len(numbers) * _CHUNKS, seed=start + 1)
        with index.writing(), index.catalog.transaction() as changes:
            for row, number in enumerate(numbers):
                made, chunks = document(chance, stock, number)
                rows = vectors[row * _CHUNKS : (row + 1) * _CHUNKS]
                changes.put(made, 1)
                changes.put_chunks(made.id, _RECIPE, chunks, rows)
                changes.file(StoredFile(made.source, "default", 1, 1, made.id, 1))
                changes.link(made.source, made.source, made.id)
    index.refresh_snapshot()
    index.close()


def measured(folder: Path) -> dict[str, Any]:
    """Open the index in ``folder`` and search it; told of this process alone."""
    import faiss  # noqa: F401
    import tantivy  # noqa: F401

    start = _now()
    index = Index(folder)
    index.snapshot()
    figures: dict[str, Any] = {"open": _since(start)}
    searcher = Retriever(index, _Drawn(), 50, (1.0, 0.6))
    stock, chance = sentences(), random.Random(3)  # noqa: S311
    for name, filters in {
        "search": None,
        "search in a tenth": Filters(sources=("reports/3/*",)),
    }.items():
        took = []
        for _ in range(_QUESTIONS):
            question = " ".join(chance.choice(stock).split()[:8])
            start = _now()
            with index.reading():
                searcher.search(question, 10, filters)
            took.append(_since(start))
        figures[name] = {key: round(median(one[key] for one in took), 1) for key in took[0]}
    start = _now()
    with index.writing(), index.catalog.transaction(visible=False) as changes:
        changes.note("benchmark", 1)
    figures["smallest transaction"] = _since(start)
    status = Path("/proc/self/status").read_text("utf-8")
    figures["resident_mib"] = int(status.split("VmRSS:")[1].split()[0]) // 1024
    index.close()
    return figures


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(start: tuple[float, float]) -> dict[str, float]:
    spent = [(after - before) * 1000 for before, after in zip(start, _now(), strict=True)]
    return {"ms": round(spent[0], 1), "processor_ms": round(spent[1], 1)}


def main() -> None:
    """Generate, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure)))
        return
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as work:
        for size in options.sizes:
            folder = (options.folder or Path(work)) / str(size)
            clock = time.perf_counter()
            if not folder.exists():
                generate(folder, size)
                figures.setdefault(str(size), {})["written_s"] = round(time.perf_counter() - clock)
            command = [sys.executable, "-m", "eval.benchmarks.scale", "--measure", str(folder)]
            run = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
            figures.setdefault(str(size), {}).update(json.loads(run.stdout))
            print(json.dumps({size: figures[str(size)]}), flush=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
