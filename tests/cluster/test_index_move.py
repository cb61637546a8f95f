"""An index is moved from a folder to a cluster and back, and is then the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import CatalogError
from aiqa.index import Index
from aiqa.index_move import move
from aiqa.serialization import answer_dict
from aiqa.storage.opening import locate
from tests.conftest import Open, age

QUESTION = "What cargo did the schooner Petrel carry?"


def test_there_and_back_nothing_is_lost(
    assistant: Assistant, index: Path, cluster: str, harbour: Path, open_assistant: Open
) -> None:
    (harbour / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    age(harbour / "broken.pdf")
    assistant.ingest(harbour)
    answer = assistant.ask(QUESTION, min_confidence=0)
    assistant.keep_feedback(answer_dict(answer), "up")
    assistant.keep_calibration(assistant.calibration)
    moved = move(locate(index), locate(cluster))
    assert (moved.documents, moved.feedback) == (5, 1)
    there = open_assistant(cluster)
    assert there.ask(QUESTION, min_confidence=0).citations == answer.citations
    assert there.calibration == assistant.calibration
    assert there.ingest(harbour).unchanged == 5
    assert not there.check().problems
    place = index.with_name("back")
    assert move(locate(cluster), locate(place)) == moved
    back = open_assistant(place)
    assert back.ask(QUESTION, min_confidence=0).citations == answer.citations
    assert not back.check().problems
    assert rows(place) == rows(index)


def test_an_exported_index_is_brought_into_a_cluster_and_out_of_it(
    index: Path, cluster: str, tmp_path: Path, open_assistant: Open
) -> None:
    here, there = (open_assistant(one, reader="sentences") for one in (index, cluster))
    here.store.export(tmp_path / "there.aiqa")
    there.store.import_from(tmp_path / "there.aiqa")
    answer = here.ask(QUESTION, min_confidence=0)
    assert there.ask(QUESTION, min_confidence=0).citations == answer.citations
    there.store.export(tmp_path / "back.aiqa")
    place = tmp_path / "back"
    open_assistant(place).store.import_from(tmp_path / "back.aiqa")
    assert rows(place) == rows(index)
    with pytest.raises(CatalogError, match=r"back\.aiqa is there already"):
        there.store.export(tmp_path / "back.aiqa")
    there.ingest(note(tmp_path, "Gulls cannot read."))
    with pytest.raises(CatalogError, match=r"holds other documents, such as note\.txt"):
        there.store.import_from(tmp_path / "back.aiqa")
    assert not list(tmp_path.glob(".*"))


def test_a_cluster_with_later_versions_of_files_is_not_overwritten(
    harbour_cluster: str, harbour: Path, tmp_path: Path, open_assistant: Open
) -> None:
    there = open_assistant(harbour_cluster, reader="sentences")
    there.store.export(tmp_path / "there.aiqa")
    there.keep_calibration(there.calibration)
    kept = there.store.index.catalog.note("calibrations")
    # It has nothing else.
    there.store.import_from(tmp_path / "there.aiqa")
    assert there.store.index.catalog.note("calibrations") == kept
    change(harbour / "tides.txt", "The Petrel carried tea.")
    there.ingest(harbour)
    with pytest.raises(CatalogError, match=r"such as docs/tides\.txt\. Use an index that is empty"):
        there.store.import_from(tmp_path / "there.aiqa")
    assert "tea" in str(there.ask("What did the Petrel carry?", min_confidence=0).text)


def test_what_is_yet_to_be_published_is_exported_with_its_files(
    harbour_cluster: str, harbour: Path, tmp_path: Path, open_assistant: Open
) -> None:
    there = open_assistant(harbour_cluster, reader="sentences")
    change(harbour / "tides.txt", "The Petrel carried tea.")
    commit_only(there, harbour)
    there.store.export(tmp_path / "there.aiqa")
    exported = open_assistant(tmp_path / "exported", reader="sentences")
    exported.store.import_from(tmp_path / "there.aiqa")
    assert "tea" in str(exported.ask("What did the Petrel carry?", min_confidence=0).text)
    assert exported.ingest(harbour).unchanged == 5


def test_a_move_goes_on_where_it_was_broken_off(index: Path, cluster: str) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aiqa.index_move._BATCH_CHUNKS", 1)
        with pytest.raises(KeyboardInterrupt):
            move(locate(index), locate(cluster), stop)
    assert move(locate(index), locate(cluster)).documents == 5
    assert move(locate(index), locate(cluster)).documents == 5


def test_what_is_damaged_is_not_moved(index: Path, cluster: str) -> None:
    with closing(sqlite3.connect(index / "catalog.sqlite3")) as catalog, catalog:
        catalog.execute("UPDATE chunks SET vector = zeroblob(length(vector)) WHERE number = 2")
    with pytest.raises(CatalogError, match="is damaged"):
        move(locate(index), locate(cluster))


def change(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    age(file)


def commit_only(assistant: Assistant, folder: Path) -> None:
    """Ingest as one does that is killed before it publishes."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aiqa.cluster.publication.Publisher.publish", end)
        with pytest.raises(KeyboardInterrupt):
            assistant.ingest(folder)


def note(folder: Path, text: str) -> Path:
    file = folder / "note.txt"
    file.write_text(text, "utf-8")
    return file


def rows(folder: Path) -> list[object]:
    """All documents, chunks and vectors of an index folder."""
    with closing(Index(folder)) as index:
        keys = sorted(index.catalog.keys().tolist())
        vectors = {
            int(key): vector.tobytes()
            for some, batch in index.catalog.vectors(keys)
            for key, vector in zip(some, batch, strict=True)
        }
        return [
            list(index.catalog.documents()),
            index.catalog.chunks(keys),
            vectors,
            list(index.catalog.all_files()),
            index.catalog.failures(),
        ]
