"""Writers and the database killed at random moments: a cluster loses nothing that it acknowledged.

``AIQA_TORTURE_CLUSTER_KILLS`` writers are killed, 2 by default and 100 in ``make torture``.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Document
from aiqa.checksums import content_id
from aiqa.cluster.postgres import ConflictError
from aiqa.documents import LOADER_VERSION
from aiqa.ingestion.chunker import whole_chunk
from aiqa.storage import Catalog, IndexRecipe, StoredFile
from aiqa.storage.opening import locate, open_store
from tests.cluster.postgres_server import PostgresServer
from tests.torture.test_kill import SETTINGS, child, killed_after, whole_or_absent, write

KILLS = int(os.environ.get("AIQA_TORTURE_CLUSTER_KILLS", "2"))
SAFE = {"fsync": "on"}
"""Options of a server that loses nothing it acknowledged."""

Contents = tuple[object, ...]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        yield server.create()
    finally:
        server.stop()


def contents(catalog: Catalog) -> Contents:
    """All that is stored, but what tells one run from another."""
    documents = list(catalog.documents())
    chunks = {document.id: catalog.chunks(catalog.keys_of(document.id)) for document in documents}
    keys = sorted(chunk.key for some in chunks.values() for chunk in some)
    vectors = [
        (int(key), vector.tobytes())
        for some, batch in catalog.vectors(keys)
        for key, vector in zip(some, batch, strict=True)
    ]
    files, sources = list(catalog.all_files()), list(catalog.all_sources())
    return documents, chunks, sorted(vectors), files, sources, catalog.failures()


def ingested(address: str, docs: Path) -> Contents:
    """What there is after an ingest that nobody disturbs; the search has all of it."""
    with Assistant(address, SETTINGS, HashEmbedder()) as assistant:
        assistant.ingest(docs)
        assert not assistant.check().problems
        return contents(assistant.store.index.catalog)


def wait_for_end(server: PostgresServer) -> None:
    """Wait until the server has noticed that its clients are gone."""
    while server.sql("SELECT 1 FROM pg_stat_activity WHERE application_name = 'aiqa'"):
        time.sleep(0.02)


def test_a_killed_writer_loses_nothing_and_its_work_is_completed(
    server: PostgresServer, tmp_path: Path
) -> None:
    chance = random.Random(20261127)
    docs = tmp_path / "docs"

    def address(name: str) -> str:
        tables = tmp_path / f"tables-{name}"
        return f"{server.address(name)}?lance={tables}&base={tmp_path}"

    def copy_base(name: str) -> str:
        wait_for_end(server)
        server.sql(f"DROP DATABASE IF EXISTS {name}")
        server.database(name, "base")
        shutil.rmtree(tmp_path / f"tables-{name}", ignore_errors=True)
        shutil.copytree(tmp_path / "tables-base", tmp_path / f"tables-{name}")
        return address(name)

    server.database("base")
    write(docs, "before")
    texts = {document.text for document in ingested(address("base"), docs)[0]}  # type: ignore[attr-defined]
    write(docs, "after")
    undisturbed = ingested(copy_base("undisturbed"), docs)
    texts |= {document.text for document in undisturbed[0]}  # type: ignore[attr-defined]
    index = copy_base("killed")
    takes = killed_after(child(index, docs), 600)
    assert takes
    killed = 0
    while killed < KILLS:
        index = copy_base("killed")
        done = killed_after(child(index, docs), chance.uniform(0, takes))
        if done:
            takes = min(takes, done)  # the machine was busier at first
        else:
            killed += 1
        wait_for_end(server)
        with Assistant(index, SETTINGS, HashEmbedder()) as assistant:
            whole_or_absent(assistant, texts)
        assert ingested(index, docs) == undisturbed


def test_readers_see_one_generation_while_documents_change(
    server: PostgresServer, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    index = f"{server.database('read')}?lance={tmp_path / 'tables'}&base={tmp_path}"
    write(docs, "before")
    ingested(index, docs)
    over = Event()

    def read() -> set[int]:
        seen: set[int] = set()
        with Assistant(index, SETTINGS, HashEmbedder()) as assistant:
            catalog = assistant.store.index.catalog
            while not over.is_set():
                with assistant.store.index.reading():
                    hits = assistant.search("Which gull does the line of the log tell of?", k=1000)
                    chunks = [c for d in assistant.documents() for c in assistant.chunks(d.id)]
                    assert {hit.chunk for hit in hits} == {*chunks}
                    seen.add(catalog.generation)
        return seen

    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        try:
            with Assistant(index, SETTINGS, HashEmbedder()) as assistant:
                for version in ("after", "before", "after"):
                    write(docs, version)
                    assistant.ingest(docs)
        finally:
            over.set()
        assert all(len(reader.result()) > 1 for reader in readers)


def test_a_killed_primary_has_lost_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    primary = PostgresServer(SAFE)
    standby: PostgresServer | None = None
    recipe = IndexRecipe("none", 2, 0, 0)
    acknowledged: list[str] = []
    try:
        primary.create()
        primary.database("aiqa")
        standby = primary.standby()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        address = f"postgresql://aiqa@{hosts}/aiqa?lance={tmp_path / 'tables'}&base={tmp_path}"
        with closing(open_store(address, lambda: recipe)) as store:

            def put(number: int) -> None:
                text = f"Note {number} tells of gulls."
                document = Document(
                    content_id(text.encode()), f"{number}.txt", "text", str(number), text
                )
                with store.catalog.transaction() as changes:
                    changes.put(document, LOADER_VERSION)
                    changes.put_chunks(
                        document.id, recipe, [whole_chunk(document)], np.ones((1, 2), np.float32)
                    )
                    changes.file(
                        StoredFile(
                            document.source, "default", len(text), 0, document.id, LOADER_VERSION
                        )
                    )
                    changes.link(document.source, document.source, document.id)
                acknowledged.append(document.id)

            for number in range(40):
                put(number)
            store.refresh_snapshot()
            published = store.catalog.generation
            with ThreadPoolExecutor(1) as thread:

                def write_on() -> None:
                    for number in range(40, 10_000):
                        put(number)

                writing = thread.submit(write_on)
                time.sleep(random.uniform(0.1, 0.6))
                primary.kill()
                with pytest.raises(ConflictError, match="cannot"):
                    writing.result()
            standby.sql("SELECT pg_promote()")
            assert store.catalog.generation == published
            put(20_000)
            store.refresh_snapshot()
            with store.reading():
                stored = dict(store.catalog.checksums())
                assert {*acknowledged} <= stored.keys()
                # The last one may have been stored, though nobody was told so.
                assert len(stored) - len(acknowledged) <= 1
                assert all(len(store.catalog.keys_of(one)) == 1 for one in stored)
        with closing(locate(address)) as place:
            assert not place.examine().problems
    finally:
        primary.stop()
        if standby:
            standby.stop()
