"""An index of the version before is made one of this when it is opened."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.checksums import chunk_checksum, document_checksum
from aiqa.documents import LOADER_VERSION
from aiqa.errors import CatalogError
from aiqa.index.schema import UPGRADE, VERSION

Open = Callable[..., Assistant]
QUESTION = "What cargo did the schooner Petrel carry?"


@contextmanager
def catalog(index: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(index / "catalog.sqlite3")
    with connection:
        yield connection
    connection.close()


@pytest.fixture
def old_index(index: Path) -> Path:
    """The index as the version before would have made it: no blocks, no lead-ins of chunks."""
    with catalog(index) as connection:
        connection.execute("DROP TABLE blocks")
        rows = connection.execute("SELECT id, title, text, pages, headings FROM documents")
        for identity, title, text, pages, headings in rows.fetchall():
            connection.execute(
                "UPDATE documents SET checksum = ?, loader = ? WHERE id = ?",
                (document_checksum(title, text, pages, headings, []), LOADER_VERSION - 1, identity),
            )
        rows = connection.execute('SELECT key, section, start, "end", text, vector FROM chunks')
        for key, section, start, end, text, vector in rows.fetchall():
            connection.execute(
                "UPDATE chunks SET section = ?, checksum = ? WHERE key = ?",
                (
                    json.dumps(json.loads(section)[0]),
                    chunk_checksum(start, end, text, "", vector),
                    key,
                ),
            )
        connection.execute("UPDATE files SET loader = ?", (LOADER_VERSION - 1,))
        connection.execute(f"PRAGMA user_version = {VERSION - 1}")
    return index


def test_an_old_index_answers_at_once_and_has_blocks_after_the_next_ingest(
    harbour: Path, old_index: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(old_index)
    answer = assistant.ask(QUESTION, min_confidence=0)
    assert "salt" in str(answer.text)
    assert answer.citations[0].section == "May"
    assert not any(document.blocks for document in assistant.documents())
    assert not assistant.check().problems

    report = assistant.ingest(harbour)
    assert report.failed == ()
    assert all(document.blocks for document in assistant.documents() if document.headings)
    assert "salt" in str(assistant.ask(QUESTION, min_confidence=0).text)
    assert not assistant.check().problems
    again = assistant.ingest(harbour)
    assert (again.updated, again.unchanged) == (0, 5)


def test_an_upgrade_that_fails_leaves_the_index_as_it_was(
    old_index: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> list[object]:
        with catalog(old_index) as connection:
            return [
                connection.execute("PRAGMA user_version").fetchone(),
                connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall(),
                connection.execute("SELECT key, section FROM chunks").fetchall(),
            ]

    before = state()
    with monkeypatch.context() as broken:
        broken.setattr("aiqa.index.database.UPGRADE", f"{UPGRADE}; UPDATE nothing SET x = 1")
        with pytest.raises(CatalogError, match="cannot be written"):
            open_assistant(old_index).status()
    assert state() == before
    assert "salt" in str(open_assistant(old_index).ask(QUESTION, min_confidence=0).text)
