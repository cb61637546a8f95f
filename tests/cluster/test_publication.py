"""What is committed is read once it is published, as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from aiqa import Assistant
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.postgres import ConflictError
from aiqa.errors import CatalogError
from aiqa.server.calls import Calls
from aiqa.server.rest.documents import documents_api
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


def test_what_a_killed_publisher_wrote_is_not_read_and_does_not_stay(
    assistant: Assistant, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = assistant.status().generation
    monkeypatch.setattr("aiqa.cluster.publication._DOCUMENTS_AT_ONCE", 2)
    (quoted,) = assistant.ask(QUESTION, min_confidence=0).citations
    (harbour / "log.pdf").unlink()
    (harbour / "note.txt").write_text("The Petrel carried tea.\n", "utf-8")
    with monkeypatch.context() as killed:
        killed.setattr("aiqa.cluster.publication.Publisher._record", _end)
        with pytest.raises(KeyboardInterrupt):
            assistant.ingest(harbour)
    text = assistant.document(quoted.document_id).text
    assert text[quoted.start : quoted.end] == quoted.quote
    with assistant.store.index.reading():
        assert assistant.status().generation == generation
        assert "docs/log.pdf" in assistant.status().sources
        answer = assistant.ask(QUESTION, min_confidence=0)
        assert [one.source for one in answer.citations] == ["docs/log.pdf"]
    assert assistant.ingest(harbour).unchanged == 5
    assert assistant.status().generation > generation
    assert "tea" in str(assistant.ask("What did the Petrel carry?", min_confidence=0).text)
    assert not assistant.check().problems


def test_nothing_new_is_no_generation(store: ClusterStore) -> None:
    before = store.catalog.generation, store.catalog.stamp(store.catalog.generation)
    with store.catalog.transaction() as changes:
        changes.note("calibrations", {})
    store.refresh_snapshot()
    assert (store.catalog.generation, store.catalog.stamp(store.catalog.generation)) == before


def test_a_document_and_its_sources_are_told_of_one_generation(
    assistant: Assistant, store: ClusterStore
) -> None:
    held = {one.source: one.document_id for one in assistant.holdings()}
    with store.catalog.transaction() as changes:
        changes.remove_files(["docs/log.pdf"])
    application = FastAPI()
    application.include_router(documents_api(Calls(assistant, lambda _: None), None))
    path = f"/documents/{held['docs/log.pdf']}"
    assert TestClient(application).get(path).json()["sources"] == ["docs/log.pdf"]


def test_two_writers_that_delete_and_link_a_document_do_not_lose_it(store: ClusterStore) -> None:
    catalog = store.catalog
    document_id = catalog.sources_of("docs/log.pdf")["docs/log.pdf"]

    def link_what_another_deletes() -> None:
        with catalog.transaction() as linking:
            with catalog.transaction() as deleting:
                deleting.remove_files(["docs/log.pdf"])
            linking.link("docs/tides.txt", "docs/tides.txt", document_id)

    with pytest.raises(ConflictError, match="was just deleted"):
        link_what_another_deletes()
    store.refresh_snapshot()
    assert catalog.document(document_id) is None
    assert "docs/tides.txt" in dict(catalog.all_sources())


def test_a_catalog_of_a_later_version_is_refused(store: ClusterStore, harbour_cluster: str) -> None:
    store.postgres.rows("UPDATE aiqa_version SET version = 99")
    with pytest.raises(CatalogError, match=r"later version of aiqa \(its format is 99"):
        open_store(harbour_cluster)


def _end(*_: object) -> None:
    raise KeyboardInterrupt
