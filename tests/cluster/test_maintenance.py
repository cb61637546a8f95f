"""Maintenance deletes what no generation that is kept has, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.maintenance import maintain
from aiqa.storage.opening import open_store
from tests.conftest import Open

QUESTION = "What cargo did the schooner Petrel carry?"


@pytest.fixture
def store(harbour_cluster: str) -> Iterator[ClusterStore]:
    with closing(open_store(harbour_cluster)) as opened:
        assert isinstance(opened, ClusterStore)
        yield opened


@pytest.fixture
def assistant(harbour_cluster: str, open_assistant: Open) -> Assistant:
    return open_assistant(harbour_cluster, reader="sentences")


def rows(store: ClusterStore) -> list[int]:
    """The rows of the tables that have generations."""
    tables = ("documents", "sources", "chunks", "layouts", "publications")
    return [store.postgres.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def test_what_is_read_stays_until_nobody_may_read_it(
    store: ClusterStore, assistant: Assistant, harbour: Path
) -> None:
    before = rows(store)
    with assistant.store.index.reading():
        asked = assistant.ask(QUESTION, min_confidence=0)
        (harbour / "log.pdf").unlink()
        with closing(open_store_again(store)) as other:
            with other.catalog.transaction() as changes:
                changes.remove_files(["docs/log.pdf"])
            other.refresh_snapshot()
            kept = maintain(other, keep_hours=1)
            assert (kept.generations_deleted, kept.rows_deleted) == (0, 0)
            again = assistant.ask(QUESTION, min_confidence=0)
            assert (again.text, again.citations) == (asked.text, asked.citations)
    done = maintain(store, keep_hours=0)
    assert done.generations_deleted > 1
    assert done.bytes_deleted > 0
    after = rows(store)
    # The PDF had two chunks and two pages.
    assert after == [before[0] - 1, before[1] - 1, before[2] - 2, before[3] - 2, 1]
    assert not assistant.check().problems
    assert "docs/log.pdf" not in assistant.status().sources


def test_a_compacted_index_answers_as_before(store: ClusterStore, assistant: Assistant) -> None:
    before = [(hit.chunk, round(hit.score, 5)) for hit in assistant.search(QUESTION, k=20)]
    generation = assistant.status().generation
    assert maintain(store, keep_hours=0).generation > generation
    assert [(hit.chunk, round(hit.score, 5)) for hit in assistant.search(QUESTION, k=20)] == before


def open_store_again(store: ClusterStore) -> ClusterStore:
    return ClusterStore(store.address, type(store.postgres)(store.address))
