"""Ingests that several workers share: the same index as by one, also when workers are killed.

``AIQA_TORTURE_WORKER_KILLS`` workers are killed, 2 by default and 100 in ``make torture``.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, IngestReport, Progress, Settings
from aiqa.cli.workers import ingest_by_workers
from aiqa.cluster.indexer import ClusterIndexer
from aiqa.cluster.ingestion import Start
from aiqa.cluster.ray_workers import actors
from aiqa.cluster.worker_process import WorkPlan, processes
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder
from aiqa.errors import CatalogError, SettingsError
from aiqa.storage import Catalog
from tests.cluster.gated_embedder import GatedEmbedder, missing
from tests.cluster.postgres_server import PostgresServer
from tests.cluster.ray_nodes import RayNodes
from tests.torture.test_kill import write

KILLS = int(os.environ.get("AIQA_TORTURE_WORKER_KILLS", "2"))
LEASE = 3.0
"""Longer than a machine that has much to do may keep a worker from showing itself."""

SETTINGS = Settings.load(reader="sentences")

Contents = dict[str, tuple[str, list[str]]]


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty notes, a PDF, a Word file, and a PDF that cannot be read."""
    folder = tmp_path_factory.mktemp("shared") / "docs"
    write(folder, "after")
    return folder


@pytest.fixture(scope="module")
def alone(docs: Path) -> Iterator[tuple[IngestReport, Contents]]:
    """What one process makes of the documents, on one machine."""
    with Assistant(docs.parent / "index", SETTINGS, HashEmbedder()) as assistant:
        report = assistant.ingest(docs)
        yield report, contents(assistant.store.index.catalog)


@pytest.fixture
def address(postgres: str, docs: Path, tmp_path: Path) -> str:
    return f"{postgres}?lance={tmp_path / 'lance'}&base={docs.parent}"


def contents(catalog: Catalog) -> Contents:
    """Text and chunks of every document that is stored, by its sources."""
    return {
        " ".join(catalog.files_of(document.id)): (
            document.text,
            [chunk.text for chunk in catalog.chunks(catalog.keys_of(document.id))],
        )
        for document in catalog.documents()
    }


def plan(address: str, embedder: Callable[[], Embedder] = HashEmbedder) -> WorkPlan:
    return WorkPlan(address, SETTINGS.model_dump(), embedder, LEASE)


def ingested(
    address: str, start: Start, docs: Path, on_progress: Callable[[Catalog, Progress], None]
) -> tuple[IngestReport, Contents]:
    with DocumentStore(address, SETTINGS) as store:
        indexer = ClusterIndexer(store, HashEmbedder, start, LEASE)
        report = indexer.ingest(docs, on_progress=lambda p: on_progress(store.index.catalog, p))
        with store.index.reading():
            return report, contents(store.index.catalog)


@pytest.mark.parametrize("number", range(KILLS // 2))
def test_killed_workers_lose_nothing_and_leave_nothing_half(
    number: int, address: str, docs: Path, tmp_path: Path, alone: tuple[IngestReport, Contents]
) -> None:
    # The first time they hold files for sure, afterwards they may have done all or nothing.
    enough = random.Random(number).randrange(200) if number else 1
    gate = tmp_path / "gate"
    if number:
        gate.touch()
    seen: list[Progress] = []
    killed: list[int] = []

    def kill(catalog: Catalog, progress: Progress) -> None:
        seen.append(progress)
        if progress.collected >= enough and not killed:
            for worker in multiprocessing.active_children():
                worker.kill()
                killed.append(worker.pid or 0)
            gate.touch()
            stored = contents(catalog)
            assert stored == {source: alone[1][source] for source in stored}

    start = processes(plan(address, partial(GatedEmbedder, gate)), 2)
    assert ingested(address, start, docs, kill) == alone
    assert number or len(killed) == 2
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert seen[-1].done == seen[-1].total == len(list(docs.iterdir()))
    assert seen[-1].bytes_done == seen[-1].bytes_total


def test_an_ingest_goes_on_after_the_database_was_away(
    docs: Path, tmp_path: Path, alone: tuple[IngestReport, Contents]
) -> None:
    server = PostgresServer()
    gate = tmp_path / "gate"
    away: list[Progress] = []

    def restart(_: Catalog, progress: Progress) -> None:
        if progress.collected and not away:
            away.append(progress)
            server.kill()
            gate.touch()
            server.start()

    try:
        database = server.create().database("away")
        address = f"{database}?lance={tmp_path / 'lance'}&base={docs.parent}"
        start = processes(plan(address, partial(GatedEmbedder, gate)), 1)
        assert ingested(address, start, docs, restart) == alone
    finally:
        server.stop()
    assert away


def test_why_all_workers_ended_is_told(address: str, docs: Path) -> None:
    start = processes(plan(address, missing), 1)
    with (
        DocumentStore(address, SETTINGS) as store,
        pytest.raises(CatalogError, match=r"0 of 57 files are done\. The embedder is not"),
    ):
        ClusterIndexer(store, HashEmbedder, start, LEASE).ingest(docs)


def test_workers_cannot_write_to_a_folder(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    with (
        Assistant(index, SETTINGS, HashEmbedder()) as assistant,
        pytest.raises(SettingsError, match=r"cannot write to the folder .*index"),
    ):
        ingest_by_workers(assistant, index, 2, on_ray=False)
    assert not Path(index).exists()


def test_workers_on_two_nodes_go_on_when_one_dies(
    ray: RayNodes, address: str, docs: Path, alone: tuple[IngestReport, Contents]
) -> None:
    killed: list[Progress] = []

    def kill(_: Catalog, progress: Progress) -> None:
        if progress.done >= 5 and not killed:
            ray.kill()
            killed.append(progress)

    assert ingested(address, actors(plan(address), 2), docs, kill) == alone
    assert killed
    ray.add()
    ray.wait()
