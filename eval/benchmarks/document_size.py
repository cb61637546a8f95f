"""Whether a search takes longer where the same chunks stand in long documents than in short ones.

``python -m eval.benchmarks.document_size [--documents 8] [--size 1000000] [--parts 100]``

One index holds a few long documents; the other holds each of them in ``parts`` short documents,
with the same chunks in the same order. Both are searched by turns with the same questions. The
ratio of the median times is kept in eval/results/document_size.json.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from eval.benchmarks.hashing import HashEmbedder
from eval.benchmarks.texts import sentences

from aiqa.checksums import content_id
from aiqa.documents import LOADER_VERSION
from aiqa.index import Index, IndexRecipe, StoredFile
from aiqa.ingestion.chunker import whole_chunk
from aiqa.retrieval.retriever import Retriever
from aiqa.types import Document, Span

RESULT = Path(__file__).parents[1] / "results" / "document_size.json"

_CHUNK = 1000
"""Characters in a chunk, at least."""
_CANDIDATES, _CHUNKS_READ = 50, 10
_QUESTIONS = 40


def passages(chance: random.Random, stock: list[str], size: int) -> Iterator[str]:
    """Texts of at least ``_CHUNK`` characters, together about ``size`` characters."""
    for _ in range(size // _CHUNK):
        words: list[str] = []
        while sum(map(len, words)) < _CHUNK:
            words += [chance.choice(stock), f"It is filed under {chance.randrange(10**6)}."]
        yield " ".join(words)


def store(folder: Path, documents: list[list[str]], embedder: HashEmbedder) -> Index:
    """An index of ``documents``, each a list of the texts of its chunks."""
    recipe = IndexRecipe(embedder.identity, embedder.dimensions, 0, 0)
    index = Index(folder, lambda: recipe)
    for number, texts in enumerate(documents):
        source, text = f"{number:05}.txt", "\n\n".join(texts)
        document = Document(content_id(text.encode()), source, "text", "Report", text)
        chunks, start = [], 0
        for words in texts:
            end = start + len(words)
            chunks.append(whole_chunk(document, Span(start, end)))
            start = end + 2
        with index.catalog.transaction() as changes:
            changes.put(document, LOADER_VERSION)
            changes.put_chunks(document.id, recipe, chunks, embedder.encode(texts))
            changes.file(StoredFile(source, "default", len(text), 0, document.id, LOADER_VERSION))
            changes.link(source, source, document.id)
    return index


def search_times(
    indexes: list[Index], embedder: HashEmbedder, questions: list[str]
) -> list[list[float]]:
    """Milliseconds of every search, by index; each question is put to one after the other."""
    retrievers = [Retriever(index, embedder, _CANDIDATES, (1.0, 1.0)) for index in indexes]
    times: list[list[float]] = [[] for _ in indexes]
    for retriever in retrievers:
        retriever.search("warm up", _CHUNKS_READ)
    for question in questions:
        for retriever, spent in zip(retrievers, times, strict=True):
            start = time.perf_counter()
            hits = retriever.search(question, _CHUNKS_READ)
            spent.append(1000 * (time.perf_counter() - start))
            assert len(hits) == _CHUNKS_READ, question  # noqa: S101
    return times


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=8)
    parser.add_argument("--size", type=int, default=1_000_000, help="characters in a long one")
    parser.add_argument("--parts", type=int, default=100, help="short ones to a long one")
    options = parser.parse_args()
    chance, stock, embedder = random.Random(1), sentences(), HashEmbedder()  # noqa: S311
    long = [list(passages(chance, stock, options.size)) for _ in range(options.documents)]
    step = -(-len(long[0]) // options.parts)
    short = [texts[i : i + step] for texts in long for i in range(0, len(texts), step)]
    questions = [" ".join(chance.sample(stock, 1)[0].split()[:12]) for _ in range(_QUESTIONS)]
    with TemporaryDirectory() as name:
        indexes = [
            store(Path(name) / kind, documents, embedder)
            for kind, documents in (("long", long), ("short", short))
        ]
        medians = [median(spent) for spent in search_times(indexes, embedder, questions)]
        for index in indexes:
            index.close()
    figures = {
        **vars(options),
        "chunks": sum(map(len, long)),
        "long_ms": round(medians[0], 1),
        "short_ms": round(medians[1], 1),
        "ratio": round(medians[0] / medians[1], 2),
    }
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
