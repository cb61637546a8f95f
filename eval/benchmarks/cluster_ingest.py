"""How fast documents are ingested: into a folder, and into a cluster by one and more workers.

``python -m eval.benchmarks.cluster_ingest [--documents 25] [--workers 1 2] [--hashing]``

Generated documents (those of ``eval.benchmarks.generated_index``) are read and embedded by the
bundled model, each time into an empty index. With --hashing hashed words are the vectors, so that
what stores them decides the time: ``--documents 5000 --hashing`` makes 100,000 passages. The
cluster is a PostgreSQL of this machine, and a folder for the search tables. Seconds are those by
the clock, from the call to the end of the publication, so the start of the workers is among them.
Processor seconds are those of all processes, PostgreSQL's among them; they do not depend on what
else the machine does. Figures are kept in eval/results/cluster_ingest.json, of both embedders.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.benchmarks.generated_index import document
from eval.benchmarks.hashing import HashEmbedder
from tests.cluster.postgres_server import PostgresServer

from aiqa import Assistant, Settings
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.indexer import LEASE_SECONDS, ClusterIndexer
from aiqa.cluster.worker_process import WorkPlan, processes
from aiqa.embedders import Embedder, open_embedder
from aiqa.types import IngestReport

_SIZE = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
"""What the tables take; an empty database has some megabytes beside."""

RESULT = Path(__file__).parents[1] / "results" / "cluster_ingest.json"


def write(folder: Path, count: int) -> None:
    """Write so many documents."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.md").write_text(document(number)[0].text, "utf-8")


def measured(
    index: str, docs: Path, workers: int | None, embedder: Callable[[], Embedder]
) -> dict[str, Any]:
    """Ingest ``docs`` into the new ``index``, by ``workers`` if there are to be some."""
    with Assistant(index, Settings.load(), embedder()) as assistant:
        assistant.embedder.encode(["warm up"])
        ingest: Callable[..., IngestReport] = assistant.ingest
        if workers:
            plan = WorkPlan(index, assistant.settings.model_dump(), embedder, LEASE_SECONDS)
            ingest = ClusterIndexer(
                assistant.store, lambda: assistant.embedder, processes(plan, workers), LEASE_SECONDS
            ).ingest
        begun, used = time.perf_counter(), processor_seconds()
        report = ingest(docs)
        seconds, used = time.perf_counter() - begun, processor_seconds() - used
        store = assistant.store.index
        size = store.sizes()["catalog"]
        if isinstance(store, ClusterStore):
            ((size,),) = store.postgres.rows(_SIZE)
    return {
        "passages": report.chunks,
        "seconds": round(seconds, 1),
        "passages_per_s": round(report.chunks / seconds, 1),
        "processor_ms_per_passage": round(1000 * used / report.chunks, 2),
        "catalog_bytes_per_passage": round(int(size) / report.chunks),
    }


def processor_seconds() -> float:
    """Return what this process, those that it began, and theirs have used of the processors."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            # Of the process and of its children that have ended, in kernel and out of it.
            used[int(stat.parent.name)] = sum(map(int, fields[11:15]))
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(used[pid] for pid in own) / os.sysconf("SC_CLK_TCK")


@contextmanager
def places(workers: list[int]) -> Iterator[Iterator[tuple[str, str, int | None]]]:
    """Yield name, address and workers of each empty index."""
    server = PostgresServer({"shared_buffers": "256MB"}).create()
    with TemporaryDirectory() as folder:

        def listed() -> Iterator[tuple[str, str, int | None]]:
            yield "folder", f"{folder}/index", None
            yield "cluster, in one process", cluster("alone"), None
            for count in workers:
                yield f"cluster, {count} workers", cluster(f"by{count}"), count

        def cluster(name: str) -> str:
            return f"{server.database(name)}?lance={folder}/{name}&base={folder}"

        try:
            yield listed()
        finally:
            server.stop()


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=25)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--hashing", action="store_true", help="hashed words as vectors")
    options = parser.parse_args()
    embedder = HashEmbedder if options.hashing else open_embedder
    figures: dict[str, Any] = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    with TemporaryDirectory() as folder, places(options.workers) as indexes:
        docs = Path(folder) / "docs"
        write(docs, options.documents)
        for place, index, workers in indexes:
            name = f"{place}, hashing" if options.hashing else place
            figures[name] = measured(index, docs, workers, embedder)
            print(json.dumps({name: figures[name]}), flush=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
