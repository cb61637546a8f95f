"""An index of an earlier version is made one of this when it is opened."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiqa import Answer, Assistant
from aiqa.checksums import chunk_checksum, document_checksum
from aiqa.errors import CatalogError
from aiqa.index.schema import VERSION
from aiqa.index.upgrade import UPGRADES
from tests.index.inspection import derived

Open = Callable[..., Assistant]
QUESTION = "What cargo did the schooner Petrel carry?"


_NUMBERED = """
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    recipe INTEGER NOT NULL REFERENCES recipes (id),
    section TEXT NOT NULL, page INTEGER, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, checksum INTEGER NOT NULL, vector BLOB NOT NULL
) STRICT;
INSERT INTO chunks SELECT number, document_id, recipe, section, page, start, "end", text,
    checksum, vector FROM keyed_chunks;
CREATE INDEX chunks_by_document ON chunks (document_id, recipe, start);
CREATE INDEX chunks_by_recipe ON chunks (recipe, key)
"""
"""Chunks as they were until version 6, and before they had sentences."""


@contextmanager
def catalog(index: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(index / "catalog.sqlite3")
    with connection:
        yield connection
    connection.close()


def answers(assistant: Assistant) -> list[tuple[object, ...]]:
    """What is said of questions of which one asks for sentences, without the time it took."""
    said: list[Answer] = [
        assistant.ask(question, min_confidence=0)
        for question in (QUESTION, "Why must long boats report to the harbour master?")
    ]
    return [(answer.confidence, answer.statements, answer.alternatives) for answer in said]


@pytest.fixture
def old_index(index: Path) -> Path:
    """The index as version 4 would have made it: its chunks have no sentences."""
    with catalog(index) as connection:
        connection.execute("DROP TABLE deleted_chunks")
        connection.execute("DROP INDEX files_by_size")
        connection.execute("ALTER TABLE chunks RENAME TO keyed_chunks")
        for name in ("chunks_by_document", "chunks_by_recipe"):
            connection.execute(f"DROP INDEX {name}")
        for statement in _NUMBERED.split(";"):
            connection.execute(statement)
        connection.execute("DROP TABLE keyed_chunks")
        rows = connection.execute('SELECT key, start, "end", text, vector FROM chunks')
        for key, start, end, text, vector in rows.fetchall():
            checksum = chunk_checksum(start, end, text, "", vector, sentences="")
            connection.execute("UPDATE chunks SET checksum = ? WHERE key = ?", (checksum, key))
        connection.execute("PRAGMA user_version = 4")
    return index


def test_an_old_index_answers_at_once_as_before_and_need_not_be_ingested_again(
    harbour: Path, harbour_index: Path, old_index: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(old_index)
    assert answers(assistant) == answers(open_assistant(harbour_index))
    assert not assistant.check().problems
    assert assistant.ingest(harbour).unchanged == 5


def test_an_index_from_before_blocks_answers_and_has_its_files_read_again(
    harbour: Path, old_index: Path, open_assistant: Open
) -> None:
    with catalog(old_index) as connection:
        connection.execute("DROP TABLE blocks")
        connection.execute("UPDATE chunks SET section = json_extract(section, '$[0]')")
        rows = connection.execute("SELECT id, title, text, pages, headings FROM documents")
        for identity, title, text, pages, headings in rows.fetchall():
            checksum = document_checksum(title, text, pages, headings, [])
            connection.execute(
                "UPDATE documents SET checksum = ?, loader = 2 WHERE id = ?", (checksum, identity)
            )
        connection.execute("UPDATE files SET loader = 2")
        connection.execute("PRAGMA user_version = 3")
    shutil.rmtree(derived(old_index))
    assistant = open_assistant(old_index)
    assert "salt" in str(assistant.ask(QUESTION, min_confidence=0).text)
    assert not assistant.check().problems
    assistant.ingest(harbour)
    (table,) = (d for d in assistant.documents() if d.source == "docs/lighthouse.md")
    assert any(block.kind == "table" for block in table.blocks)


def test_a_chunk_that_was_damaged_before_the_upgrade_is_told_after_it(
    old_index: Path, open_assistant: Open
) -> None:
    with catalog(old_index) as connection:
        connection.execute("UPDATE chunks SET text = upper(text) WHERE text LIKE '%cargo of salt%'")
    assert open_assistant(old_index).check().lost == ("docs/log.pdf",)


def test_an_exported_old_index_can_be_imported(
    old_index: Path, tmp_path: Path, open_assistant: Open
) -> None:
    imported = open_assistant(tmp_path / "imported")
    imported.import_from(old_index / "catalog.sqlite3")
    assert "salt" in str(imported.ask(QUESTION, min_confidence=0).text)


def test_an_upgrade_that_fails_leaves_the_index_as_it_was(
    old_index: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> list[object]:
        with catalog(old_index) as connection:
            return [
                connection.execute("PRAGMA user_version").fetchone(),
                connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall(),
                connection.execute("SELECT key, checksum FROM chunks").fetchall(),
            ]

    before = state()
    with monkeypatch.context() as broken:
        broken.setitem(UPGRADES, VERSION - 1, f"{UPGRADES[VERSION - 1]}; UPDATE nothing SET x = 1")
        with pytest.raises(CatalogError, match="cannot be written"):
            open_assistant(old_index).status()
    assert state() == before
    assert "salt" in str(open_assistant(old_index).ask(QUESTION, min_confidence=0).text)
