"""Migration of a catalog of the previous version."""

from __future__ import annotations

import sqlite3

from aiqa.checksums import checksum_with_sentences
from aiqa.index.schema import SENTENCES_COLUMN, VERSION, sentences_json
from aiqa.text.sentences import sentences
from aiqa.types import Span

UPGRADE = f"""
ALTER TABLE chunks ADD COLUMN {SENTENCES_COLUMN};
UPDATE chunks SET sentences = sentences_json(text, start);
UPDATE chunks SET checksum = checksum_with_sentences(checksum, sentences)
"""
"""Finds the sentences of the stored chunks. A chunk that was damaged before stays so: its checksum
is extended, not computed again."""


def upgrade(connection: sqlite3.Connection) -> None:
    """Migrate the tables within a transaction, unless another process just did."""
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION - 1,):
        return
    connection.create_function("sentences_json", 2, _sentences_json)
    connection.create_function("checksum_with_sentences", 2, checksum_with_sentences)
    for statement in UPGRADE.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _sentences_json(text: str, start: int) -> str:
    return sentences_json(Span(s.start + start, s.end + start) for s in sentences(text))
