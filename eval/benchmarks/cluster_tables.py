"""Search tables of more passages than an index of one machine is made of here.

``python -m eval.benchmarks.cluster_tables [--sizes 1000000] [--folder DIR]``

Passages are those of ``eval.benchmarks.generated_index``, but no such index is made: they are
written to the search tables at once, and their words to a BM25 index of one machine, which the
lexical search is compared with. Vectors are compared with all. Times are as in
``eval.benchmarks.cluster_search``, and figures are kept in the same file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from eval.benchmarks.cluster_search import (
    QUESTIONS,
    READ,
    RESULT,
    TENTH,
    Figures,
    Times,
    agreement,
    bytes_in,
    misspelt,
)
from eval.benchmarks.generated_index import CHUNKS, RECIPE, document, questions
from eval.benchmarks.vectors import drawn
from numpy.typing import NDArray

from aiqa.cluster.chunk_rows import ChunkRow
from aiqa.cluster.lance_search import LanceSearch
from aiqa.cluster.lance_tables import LanceTables
from aiqa.embedders import Vectors
from aiqa.index.bm25 import LexicalIndex
from aiqa.storage.chunk_keys import chunk_key
from aiqa.types import Chunk

_DOCUMENTS_AT_ONCE = 500


def drawn_chunks(size: int) -> Iterator[tuple[list[Chunk], Vectors]]:
    """Yield passages and vectors, some at a time."""
    for start in range(0, size // CHUNKS, _DOCUMENTS_AT_ONCE):
        numbers = range(start, min(start + _DOCUMENTS_AT_ONCE, size // CHUNKS))
        chunks = [keyed(chunk) for number in numbers for chunk in document(number)[1]]
        yield chunks, drawn(len(chunks), seed=start + 1)


def keyed(chunk: Chunk) -> Chunk:
    """Return ``chunk`` with the key that a catalog gives it."""
    key = chunk_key(
        chunk.document_id, RECIPE.stored, chunk.start, chunk.title, '[["Part"], ""]', chunk.text
    )
    return replace(chunk, key=key)


def rows(size: int) -> Iterator[ChunkRow]:
    """Yield the rows of the search tables."""
    for chunks, vectors in drawn_chunks(size):
        for chunk, vector in zip(chunks, vectors, strict=True):
            yield ChunkRow(
                chunk.key, chunk.document_id, chunk.title, chunk.format, chunk.text, chunk.context,
                vector.tobytes(), [chunk.source], ["default"], ["2024-01-01"],
            )  # fmt: skip


def nearest_of_all(size: int, asked: Vectors) -> list[set[int]]:
    """Return the keys of the passages nearest to each of ``asked``, by the cosines of all."""
    best: list[tuple[NDArray[np.float32], NDArray[np.int64]]] = [
        (np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int64))
    ] * len(asked)
    for chunks, vectors in drawn_chunks(size):
        keys = np.array([chunk.key for chunk in chunks])
        for at, cosines in enumerate(asked @ vectors.T):
            both = np.concatenate([best[at][0], cosines]), np.concatenate([best[at][1], keys])
            part = np.argsort(-both[0])[:READ]
            best[at] = both[0][part], both[1][part]
    return [set(found.tolist()) for _, found in best]


def measured(size: int, work: Path) -> Figures:
    """Write the search tables of generated passages, and search them."""
    tables, clock = LanceTables(str(work / "tables")), Times()
    published = clock.of(lambda: tables.publish("all", RECIPE.dimensions, None, [], rows(size)))
    figures: Figures = {
        "publish_s": round(clock.clock[0] / 1000, 1),
        "chunks_per_second": round(size / clock.clock[0] * 1000),
        "bytes_per_chunk": bytes_in(work) // size,
        "probes": json.loads(published)["probes"],
    }
    print(json.dumps(figures), flush=True)
    search = tables.search("all", published, 1)
    figures |= vectors_searched(search, nearest_of_all(size, asked := drawn(QUESTIONS, 7)), asked)
    print(json.dumps(figures), flush=True)
    (work / "bm25").mkdir()
    chunks = (chunk for some, _ in drawn_chunks(size) for chunk in some)
    figures |= words_searched(search, LexicalIndex.build(chunks, work / "bm25"), size)
    figures["most_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def vectors_searched(search: LanceSearch, exact: list[set[int]], asked: Vectors) -> Figures:
    """Return what the search for vectors costs, and its recall."""
    for vector in drawn(QUESTIONS, 8):
        search.nearest(vector, READ)
    all_of_them, tenth = Times(), Times()
    found = [dict(all_of_them.of(lambda: search.nearest(one, READ))) for one in asked]  # noqa: B023
    for one in asked:
        tenth.of(lambda: search.nearest(one, READ, TENTH))  # noqa: B023
    shared = sum(len(true & hits.keys()) for true, hits in zip(exact, found, strict=True))
    recall = round(shared / (READ * len(asked)), 4)
    return {
        "nearest": {"cluster": all_of_them.told | {"recall_at_20": recall}},
        "nearest in a tenth": {"cluster": tenth.told},
    }


def words_searched(search: LanceSearch, here: LexicalIndex, size: int) -> Figures:
    """Return what the lexical search costs in both, and how far they agree."""
    asked = list(questions(size // CHUNKS, 2 * QUESTIONS))
    figures: Figures = {}
    for name, some in (("lexical", asked), ("lexical, misspelt", list(map(misspelt, asked)))):
        for question in some[QUESTIONS:]:
            here.search(question, READ), search.lexical(question, READ)
        local, cluster = Times(), Times()
        pairs = [
            (
                local.of(lambda: here.search(question, READ)),  # noqa: B023
                cluster.of(lambda: search.lexical(question, READ)),  # noqa: B023
            )
            for question in some[:QUESTIONS]
        ]
        figures[name] = {"local": local.told, "cluster": cluster.told, **agreement(pairs)}
    return figures


def main() -> None:
    """Write, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--folder", type=Path, help="where there is room")
    options = parser.parse_args()
    for size in options.sizes:
        with TemporaryDirectory(dir=options.folder) as work:
            busy = round(os.getloadavg()[0], 1)
            found = {"load_before": busy, **measured(size, Path(work))}
        print(json.dumps({size: found}), flush=True)
        figures = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
        figures[f"{size}, generated"] = found
        RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
