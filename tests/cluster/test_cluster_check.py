"""`aiqa doctor` on a cluster tells what is damaged, not searched, or searched but not there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from aiqa import Assistant
from aiqa.cluster.catalog_view import Publication
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.maintenance import maintain
from aiqa.errors import CatalogError
from aiqa.storage.opening import open_store
from tests.conftest import Open

Change = Callable[..., object]


@pytest.fixture
def change(harbour_cluster: str) -> Change:
    """Changes the database as nothing in aiqa would."""

    def change_(statement: str, **values: object) -> None:
        with closing(cluster_store(harbour_cluster)) as store:
            store.postgres.rows(statement, **values)

    return change_


@pytest.fixture
def assistant(harbour_cluster: str, open_assistant: Open) -> Assistant:
    return open_assistant(harbour_cluster, reader="sentences")


def cluster_store(address: str) -> ClusterStore:
    store = open_store(address)
    assert isinstance(store, ClusterStore)
    return store


@pytest.fixture
def few_keys_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiqa.cluster.cluster_check._KEYS_AT_ONCE", 3)


@pytest.mark.usefixtures("few_keys_at_once")
def test_an_index_that_is_whole_finds_every_passage_by_itself(assistant: Assistant) -> None:
    check = assistant.check()
    assert (check.problems, check.lost) == ((), ())
    assert (check.vector_index, check.recall) == ("exact", 1.0)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE documents SET text = text || 'x' WHERE id = :id", "is damaged"),
        (
            "UPDATE chunks SET text = 'x' || text WHERE document_id = :id",
            "is not what stands at its place",
        ),
        ("UPDATE chunks SET vector = vector || vector WHERE document_id = :id", "is damaged"),
        ("DELETE FROM documents WHERE id = :id", "its document is not there"),
    ],
)
def test_a_damaged_document_is_told_and_repaired(
    assistant: Assistant, change: Change, statement: str, problem: str
) -> None:
    change(statement, id=assistant.store.index.catalog.sources_of("docs/log.pdf")["docs/log.pdf"])
    check = assistant.check(repair=True)
    assert check.lost == ("docs/log.pdf",)
    assert problem in check.problems[0]
    assert "docs/log.pdf" not in assistant.status().sources
    assert not assistant.check().problems


@pytest.mark.usefixtures("few_keys_at_once")
def test_passages_that_are_not_searched_are_told_and_searched_again(
    assistant: Assistant, change: Change, harbour_cluster: str
) -> None:
    with closing(cluster_store(harbour_cluster)) as store:
        before = store.view.newest()
        assistant.remove("docs/log.pdf")
        without = store.view.newest()
    back(change, before, without.search)
    check = assistant.check()
    assert not check.lost
    assert check.problems[0].startswith("2 passages of the catalog are not searched.")
    with closing(cluster_store(harbour_cluster)) as store:
        maintain(store, keep_hours=1, rebuild=True)
    assert not assistant.check().problems


@pytest.mark.usefixtures("few_keys_at_once")
def test_passages_that_only_the_search_has_are_told_and_never_quoted(
    assistant: Assistant, change: Change, harbour_cluster: str
) -> None:
    with closing(cluster_store(harbour_cluster)) as store:
        before = store.view.newest()
    assistant.remove("docs/log.pdf")
    change("UPDATE publications SET search = :search", search=before.search)
    (problem, *_) = assistant.check().problems
    assert problem.startswith("2 passages that are searched are not in the catalog.")
    question = "What cargo did the Petrel carry?"
    assert "docs/log.pdf" not in {hit.chunk.source for hit in assistant.search(question, k=20)}


def test_search_tables_that_are_gone_are_told(assistant: Assistant, change: Change) -> None:
    change("UPDATE publications SET search = replace(search, '\"words\": ', '\"words\": 9')")
    with pytest.raises(CatalogError, match=r"cannot be read"):
        assistant.ask("What cargo did the Petrel carry?")


def back(change: Change, before: Publication, search: str) -> None:
    """Make ``before`` the generation that is read, with other search tables."""
    change("DELETE FROM publications WHERE generation > :generation", generation=before.generation)
    change("UPDATE publications SET search = :search", search=search)
