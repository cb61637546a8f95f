"""What the search of a cluster costs, and whether it finds what the index of one machine finds.

``python -m eval.benchmarks.cluster_search [--sizes 20000 100000] [--folder DIR]``

Indexes are those of ``eval.benchmarks.generated_index``. Each is made in a folder, moved to a real
PostgreSQL on this machine with its search tables in a folder, and then asked the same at both
places, in turn, so that what else runs disturbs both alike. Indexes stay in --folder if one is
given; the cluster's do not. --tables leaves PostgreSQL out: the search tables are made of the
index in the folder. Figures of other sizes stay in the file.

Times are the middle and the 95th percentile of 100 questions, by the clock and in processor
milliseconds of all threads. "nearest" and "lexical" are the two halves of a search, "tenth" with a
filter that leaves a tenth, "misspelt" with a mistake in the longest word, "scores" what scores 100
known passages, and "passages" all of it with the catalog, as an answer begins. Recall is that of
the 20 nearest of all vectors. "shared" is the share of the local index's best 20 that the cluster
has, too, and "difference" the greatest of their scores, relative to them. Figures are kept in
eval/results/cluster_search.json; "service_ms" are the times of single searches.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from eval.benchmarks.generated_index import CHUNKS, DrawnEmbedder, generate, questions
from eval.benchmarks.vectors import drawn
from numpy.typing import NDArray
from tests.cluster.postgres_server import PostgresServer

from aiqa import Assistant, Filters, Settings
from aiqa.cluster.chunk_rows import ChunkRow
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.lance_tables import LanceTables
from aiqa.embedders import open_embedder
from aiqa.index import Index
from aiqa.index_move import move
from aiqa.storage import Search
from aiqa.storage.opening import locate

RESULT = Path(__file__).parents[1] / "results" / "cluster_search.json"
QUESTIONS = 100
READ = 20
_SCORED = 100
_ROWS = 4096
TENTH = Filters(sources=("reports/3/*",))

Figures = dict[str, Any]


def compared(index: Index, search: Search) -> Figures:
    """Ask ``index`` and ``search`` the same, in turn."""
    here = index.snapshot()
    documents = index.catalog.counts()[1] // CHUNKS
    asked = list(questions(documents, 2 * QUESTIONS))
    vectors = drawn(2 * QUESTIONS, seed=7)
    wrong = [misspelt(question) for question in asked]
    known = index.catalog.keys()[:: max(1, documents * CHUNKS // _SCORED)].tolist()
    asks: dict[str, Callable[[Search, int], Any]] = {
        "nearest": lambda one, at: one.nearest(vectors[at], READ),
        "nearest in a tenth": lambda one, at: one.nearest(vectors[at], READ, TENTH),
        "lexical": lambda one, at: one.lexical(asked[at], READ),
        "lexical in a tenth": lambda one, at: one.lexical(asked[at], READ, TENTH),
        "lexical, misspelt": lambda one, at: one.lexical(wrong[at], READ),
        "scores": lambda one, at: (
            one.cosines(vectors[at], known) | one.lexical_scores(asked[at], known)
        ),
    }
    figures: Figures = {}
    for name, ask in asks.items():
        # The first ones bring what all searches need into memory.
        for at in range(QUESTIONS // 4):
            ask(here, at), ask(search, at)
        local, cluster, pairs = Times(), Times(), []
        pairs += [
            (local.of(lambda: ask(here, at)), cluster.of(lambda: ask(search, at)))  # noqa: B023
            for at in range(QUESTIONS, 2 * QUESTIONS)
        ]
        figures[name] = {"local": local.told, "cluster": cluster.told}
        if name == "scores":
            continue
        figures[name] |= agreement(pairs)
        if name in {"nearest", "lexical"}:
            figures.setdefault("service_ms", {})[name] = [round(one, 2) for one in cluster.clock]
    exact = nearest_of_all(index, vectors[QUESTIONS:])
    for place, one in (("local", here), ("cluster", search)):
        found = [
            len(true & {key for key, _ in one.nearest(vector, READ)})
            for true, vector in zip(exact, vectors[QUESTIONS:], strict=True)
        ]
        figures["nearest"][place]["recall_at_20"] = round(sum(found) / (READ * len(found)), 4)
    return figures


class Times:
    """What calls took, in milliseconds by the clock and of the processor."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self._processor: list[float] = []

    def of(self, act: Callable[[], Any]) -> Any:
        """Do ``act``, and return what it returns."""
        clock, processor = time.perf_counter(), time.process_time()
        made = act()
        self.clock.append((time.perf_counter() - clock) * 1000)
        self._processor.append((time.process_time() - processor) * 1000)
        return made

    @property
    def told(self) -> Figures:
        """The figures."""
        middle, most = np.percentile(self.clock, (50, 95))
        processor = float(np.median(self._processor))
        return {
            "p50_ms": round(float(middle), 1),
            "p95_ms": round(float(most), 1),
            "processor_ms": round(processor, 1),
        }


def agreement(pairs: Iterable[tuple[list[tuple[int, float]], list[tuple[int, float]]]]) -> Figures:
    """Return how far hits of the local index and of the cluster agree."""
    shared, difference = [], 0.0
    for local, cluster in pairs:
        mine, yours = dict(local), dict(cluster)
        if mine:
            shared.append(len(mine.keys() & yours.keys()) / len(mine))
        for one, other in zip(mine.values(), yours.values(), strict=False):
            difference = max(difference, abs(one - other) / abs(one))
    return {"shared": round(float(np.mean(shared)), 4), "difference": float(f"{difference:.1e}")}


def nearest_of_all(index: Index, vectors: NDArray[np.float32]) -> list[set[int]]:
    """Return the keys of the nearest chunks by the cosines of all."""
    nothing = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int64)
    best = [nothing] * len(vectors)
    for keys, stored in index.catalog.vectors(index.catalog.keys()):
        for at, cosines in enumerate(vectors @ stored.T):
            both = np.concatenate([best[at][0], cosines]), np.concatenate([best[at][1], keys])
            part = np.argsort(-both[0])[:READ]
            best[at] = both[0][part], both[1][part]
    return [set(found.tolist()) for _, found in best]


def passages(here: Assistant, there: Assistant, documents: int) -> Figures:
    """Return what whole searches cost at both places, and how often they find the same."""
    local, cluster, same = Times(), Times(), 0
    for number, question in enumerate(questions(documents, QUESTIONS + 10)):
        if number == 10:  # noqa: PLR2004
            local, cluster, same = Times(), Times(), 0
        mine = local.of(lambda: here.passages(question, k=READ))  # noqa: B023
        yours = cluster.of(lambda: there.passages(question, k=READ))  # noqa: B023
        same += [hit.chunk for hit in mine] == [hit.chunk for hit in yours]
    return {"local": local.told, "cluster": cluster.told, "same": round(same / QUESTIONS, 4)}


def misspelt(question: str) -> str:
    """Return ``question`` with two letters of its longest word swapped."""
    word = max(question.rstrip("?").split(), key=len)
    return question.replace(word, f"{word[:2]}{word[3]}{word[2]}{word[4:]}")


def rows(index: Index) -> Iterator[ChunkRow]:
    """Yield the rows of the search tables, of an index whose documents have one source."""
    keys = index.catalog.keys()
    for start in range(0, len(keys), _ROWS):
        some = keys[start : start + _ROWS]
        vectors = {
            int(key): vector.tobytes()
            for part, stored in index.catalog.vectors(some)
            for key, vector in zip(part, stored, strict=True)
        }
        for chunk in index.catalog.chunks(some.tolist()):
            yield ChunkRow(
                chunk.key, chunk.document_id, chunk.title, chunk.format, chunk.text, chunk.context,
                vectors[chunk.key], [chunk.source], ["default"], [""],
            )  # fmt: skip


def measured_tables(folder: Path, work: Path) -> Figures:
    """Compare an index with search tables that are made of it."""
    index, tables = Index(folder), LanceTables(str(work))
    clock = Times()
    published = clock.of(
        lambda: tables.publish("tables", index.catalog.recipe.dimensions, None, [], rows(index))
    )
    return {
        "publish_s": round(clock.clock[0] / 1000, 1),
        "chunks_per_second": round(index.catalog.counts()[1] / clock.clock[0] * 1000),
        "bytes_per_chunk": bytes_in(work) // index.catalog.counts()[1],
    } | compared(index, tables.search("tables", published, 1))


def measured(folder: Path, work: Path, server: PostgresServer) -> Figures:
    """Move an index to a cluster, and compare the two."""
    address = f"{server.database(f'size{folder.name}')}?lance={work}&base={folder.parent}"
    clock = Times()
    moved = clock.of(lambda: move(locate(folder), locate(address)))
    figures: Figures = {
        "move_s": round(clock.clock[0] / 1000, 1),
        "chunks_per_second": round(moved.chunks / clock.clock[0] * 1000),
        "bytes_per_chunk": bytes_in(work) // moved.chunks,
    }
    model = open_embedder()
    with (
        Assistant(folder, Settings.load(), DrawnEmbedder(model)) as here,
        Assistant(address, Settings.load(), DrawnEmbedder(model)) as there,
    ):
        index, store = here.store.index, there.store.index
        if not isinstance(index, Index) or not isinstance(store, ClusterStore):
            raise TypeError
        figures |= compared(index, store.snapshot())
        figures["passages"] = passages(here, there, moved.documents)
    return figures


def bytes_in(folder: Path) -> int:
    """Return the bytes of all files in ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL with the usual settings: what it commits survives."""
    server = PostgresServer({})
    try:
        yield server.create()
    finally:
        server.stop()


def main() -> None:
    """Generate, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tables", action="store_true", help="without PostgreSQL")
    options = parser.parse_args()
    figures: Figures = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    with TemporaryDirectory() as scratch, postgres() as server:
        for size in options.sizes:
            folder = (options.folder or Path(scratch)) / str(size)
            if not folder.exists():
                generate(folder, size)
            work = Path(scratch) / f"tables-{size}"
            work.mkdir()
            busy = os.getloadavg()[0]
            found = (
                measured_tables(folder, work) if options.tables else measured(folder, work, server)
            )
            name = f"{size}, tables only" if options.tables else str(size)
            figures[name] = {"load_before": round(busy, 1), **found}
            print(
                json.dumps({size: {k: v for k, v in found.items() if k != "service_ms"}}),
                flush=True,
            )
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
