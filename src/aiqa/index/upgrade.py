"""Migration of a catalog of an earlier version, one version after the other."""

from __future__ import annotations

import sqlite3

from aiqa.checksums import checksum_with_sentences
from aiqa.index.schema import SENTENCES_COLUMN, TABLES, VERSION, sentences_json
from aiqa.storage.chunk_keys import chunk_key
from aiqa.text.sentences import sentences
from aiqa.types import Span

_BLOCKS = f"""
{TABLES[TABLES.index("CREATE TABLE blocks") :]};
UPDATE chunks SET section = json_array(json(section), '')
"""
"""To version 4: blocks, and lead-ins of chunks. The next ingest reads all files again."""

_SENTENCES = f"""
ALTER TABLE chunks ADD COLUMN {SENTENCES_COLUMN};
UPDATE chunks SET sentences = sentences_json(text, start);
UPDATE chunks SET checksum = checksum_with_sentences(checksum, sentences)
"""
"""To version 5: the sentences of the stored chunks. A chunk that was damaged before stays so: its
checksum is extended, not computed again."""

_SIZES = """
CREATE INDEX files_by_size ON files (size);
CREATE TABLE deleted_chunks (key INTEGER PRIMARY KEY)
"""
"""To version 6: files by size, and which chunks a generation deleted."""

_KEYS = f"""
DROP TABLE deleted_chunks;
DROP INDEX chunks_by_document;
DROP INDEX chunks_by_recipe;
ALTER TABLE chunks RENAME TO numbered_chunks;
{TABLES[TABLES.index("CREATE TABLE chunks") : TABLES.index("CREATE TABLE blocks")]}
INSERT INTO chunks SELECT key, chunk_key(
    document_id, recipes.recipe, start, title, section, numbered_chunks.text
), document_id, numbered_chunks.recipe, 0, section, page, start, "end", numbered_chunks.text,
numbered_chunks.checksum, vector, sentences FROM numbered_chunks
JOIN recipes ON recipes.id = numbered_chunks.recipe
JOIN documents ON documents.id = document_id ORDER BY key;
DROP TABLE numbered_chunks
"""
"""To version 7: keys that are hashes. The search structures are made again."""


UPGRADES = {3: _BLOCKS, 4: _SENTENCES, 5: _SIZES, 6: _KEYS}
"""The statements that lead from each earlier version to the next."""


def upgrade(connection: sqlite3.Connection) -> None:
    """Migrate the tables within a transaction, unless another process just did."""
    (before,) = connection.execute("PRAGMA user_version").fetchone()
    connection.create_function("sentences_json", 2, _sentences_json)
    connection.create_function("checksum_with_sentences", 2, checksum_with_sentences)
    connection.create_function("chunk_key", 6, chunk_key)
    for version in range(before, VERSION):
        for statement in UPGRADES[version].split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _sentences_json(text: str, start: int) -> str:
    return sentences_json(Span(s.start + start, s.end + start) for s in sentences(text))
