"""Ingesting, asking and removing go the same way in a folder and in a cluster."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiqa import Assistant, Filters
from aiqa.errors import CatalogError, FeedbackError, LockedIndexError, QuestionError, SourceError
from aiqa.feedback import FeedbackLog
from aiqa.serialization import answer_dict
from aiqa.standing.check import check_standing, stand, tell_terminal
from aiqa.standing.store import Notice, StandingStore
from aiqa.storage import IndexRecipe
from tests.conftest import Open, age

QUESTION = "What cargo did the schooner Petrel carry?"


@pytest.fixture(params=["folder", "cluster"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(kind: str, request: pytest.FixtureRequest) -> str:
    """An index of ``harbour``, beside it."""
    return str(request.getfixturevalue({"folder": "index", "cluster": "harbour_cluster"}[kind]))


@pytest.fixture
def stored(address: str, open_assistant: Open) -> Assistant:
    """An assistant of an index of ``harbour``."""
    return open_assistant(address, reader="sentences")


def aside(call: Callable[[], object]) -> None:
    """Call in a thread of its own, as another process would, and wait for it."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(call).result()


def test_an_index_begins_with_the_first_ingest(
    kind: str, harbour: Path, request: pytest.FixtureRequest, open_assistant: Open
) -> None:
    address = harbour.parent / "new" if kind == "folder" else request.getfixturevalue("cluster")
    assistant = open_assistant(address, reader="sentences")
    with pytest.raises(CatalogError, match=r"There is no index in .*aiqa ingest"):
        assistant.status()
    assert not assistant.store.has_index
    with pytest.raises(SourceError):
        assistant.ingest(harbour / "nothing")
    assert assistant.ingest(harbour).added == 5
    assert assistant.ask(QUESTION, min_confidence=0).citations[0].source == "docs/log.pdf"


def test_changed_files_are_found_as_they_are_now(stored: Assistant, harbour: Path) -> None:
    before = stored.store.generation
    (harbour / "tides.txt").write_text("Tide tables now cost two crowns.\n", "utf-8")
    (harbour / "rules.html").rename(harbour / "laws.html")
    (harbour / "rescue.docx").unlink()
    (harbour / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    age(harbour / "tides.txt")
    report = stored.ingest(harbour)
    assert (report.added, report.updated, report.removed, len(report.failed)) == (1, 1, 2, 1)
    state = stored.status()
    assert state.generation > before
    assert state.sources == tuple(
        f"docs/{name}" for name in ("laws.html", "lighthouse.md", "log.pdf", "tides.txt")
    )
    assert [failure.source for failure in state.failures] == ["docs/broken.pdf"]
    assert "two crowns" in str(stored.ask("What do tide tables cost?", min_confidence=0).text)
    answer = stored.ask("Who must report to the harbour master?", min_confidence=0)
    assert answer.citations[0].source == "docs/laws.html"
    again = stored.ingest(harbour)
    assert (again.added, again.updated, again.removed, again.unchanged) == (0, 0, 0, 4)
    assert stored.status().generation == state.generation


def test_lists_are_whole_however_many_rows_are_read_at_once(
    stored: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = stored.store.index.catalog

    def lists() -> list[object]:
        return [
            list(catalog.all_files()),
            list(catalog.all_sources()),
            list(catalog.files_under("docs")),
            list(catalog.sources_by_document()),
            list(catalog.holdings(Filters(sources=("docs/[l-r]*",)))),
            list(catalog.checksums()),
            list(catalog.documents()),
            list(catalog.without_chunks(IndexRecipe("another", 2, 0, 0))),
        ]

    at_once = lists()
    assert [len(one) for one in at_once] == [5, 5, 5, 5, 4, 5, 5, 5]  # type: ignore[arg-type]
    for rows in (1, 2, 5):
        monkeypatch.setattr("aiqa.index.sql_queries._ROWS_AT_ONCE", rows)
        assert lists() == at_once


def test_removed_documents_are_not_found(stored: Assistant) -> None:
    assert stored.remove("docs/log.pdf").removed == 1
    assert {hit.chunk.source for hit in stored.search(QUESTION, k=20)} == {
        f"docs/{name}" for name in ("lighthouse.md", "rescue.docx", "rules.html", "tides.txt")
    }
    with pytest.raises(SourceError, match=r"Did you mean docs/tides\.txt"):
        stored.remove("docs/tide.txt")


def test_a_document_under_two_sources_fits_the_filters_of_each(
    stored: Assistant, harbour: Path
) -> None:
    copies = harbour.parent / "copies"
    copies.mkdir()
    shutil.copy(harbour / "log.pdf", copies / "log.pdf")
    stored.ingest(copies, collection="copied")

    def sources(**filters: object) -> set[str]:
        hits = stored.search(QUESTION, k=20, filters=Filters(**filters))  # type: ignore[arg-type]
        return {hit.chunk.source for hit in hits}

    assert sources(collections=("copied",)) == {"copies/log.pdf"}
    assert sources(sources=("docs/l*",), collections=("default",)) == {
        "docs/lighthouse.md",
        "docs/log.pdf",
    }
    with pytest.raises(QuestionError, match="No document fits"):
        sources(sources=("docs/*",), collections=("copied",))
    assert sources(title="BOAT log") == {"copies/log.pdf"}
    stored.remove("copies")
    assert sources(formats=("pdf",)) == {"docs/log.pdf"}


def test_a_changed_collection_is_filtered_by_at_once(stored: Assistant, harbour: Path) -> None:
    stored.ingest(harbour / "log.pdf", collection="logs")
    hits = stored.search(QUESTION, k=20, filters=Filters(collections=("logs",)))
    assert {hit.chunk.source for hit in hits} == {"docs/log.pdf"}
    assert stored.status().collections == {"default": 4, "logs": 1}


def test_within_a_reading_everything_is_of_one_generation(
    stored: Assistant, address: str, harbour: Path, open_assistant: Open
) -> None:
    def told() -> object:
        answer = stored.ask(QUESTION, min_confidence=0)
        holdings = stored.holdings()
        return answer.text, answer.citations, holdings, stored.store.generation

    with stored.store.index.reading():
        before = told()
        other = open_assistant(address, reader="sentences")
        (harbour / "log.pdf").unlink()
        (harbour / "note.txt").write_text("The Petrel carried tea.\n", "utf-8")
        aside(lambda: other.ingest(harbour))
        assert told() == before
    after = told()
    assert after != before
    assert "tea" in str(after)


def test_only_one_process_ingests_at_a_time(
    stored: Assistant, address: str, open_assistant: Open
) -> None:
    other = open_assistant(address, reader="sentences")
    with (
        stored.store.index.writing(),
        stored.store.index.writing(),
        pytest.raises(LockedIndexError, match="Another process is writing"),
    ):
        aside(lambda: other.remove("docs/log.pdf"))
    assert other.remove("docs/log.pdf").removed == 1


def test_nothing_is_stored_of_a_transaction_that_fails(stored: Assistant) -> None:
    catalog = stored.store.index.catalog
    before = stored.status().generation, stored.holdings()

    def change() -> None:
        with catalog.transaction() as changes:
            changes.note("kept", 1)
            changes.remove_files(["docs/log.pdf"])
            raise RuntimeError("the process is killed here")

    with pytest.raises(RuntimeError):
        change()
    stored.store.index.refresh_snapshot()
    assert (stored.status().generation, stored.holdings()) == before
    assert catalog.note("kept") is None


def test_a_standing_question_is_told_of_a_changed_answer(stored: Assistant, harbour: Path) -> None:
    stand(stored, QUESTION)
    (harbour / "log.pdf").unlink()
    (harbour / "note.txt").write_text("The schooner Petrel carried a cargo of tea.\n", "utf-8")
    stored.ingest(harbour)
    assert check_standing(stored)
    told: list[Notice] = []
    tell_terminal(StandingStore(stored.folder), told.extend)
    assert "tea" in str(told[0].after.words)


def kept_feedback(assistant: Assistant) -> FeedbackLog:
    return assistant.store.location.feedback(assistant.store.most_feedback_bytes)


def test_feedback_is_kept_and_compared_with_its_document(stored: Assistant) -> None:
    answer = answer_dict(stored.ask(QUESTION, min_confidence=0))
    document = stored.document_at("docs/log.pdf")
    assert document
    right = {
        "source": "docs/log.pdf",
        "document_id": document.id,
        "start": 0,
        "end": 4,
        "quote": document.text[:4],
    }
    kept = stored.keep_feedback(answer, "down", correct=right, comment="Not tea\0.")
    assert [row.id for row in kept_feedback(stored).rows()] == [kept.id]
    with pytest.raises(FeedbackError, match="are not what was selected"):
        stored.keep_feedback(answer, "down", correct={**right, "quote": "tea"})
    stored.store.most_feedback_bytes = 10
    with pytest.raises(FeedbackError, match=r"full|no room"):
        stored.keep_feedback(answer, "up")
    assert kept_feedback(stored).count() == 1
