"""The catalog's tables, their version, how older ones become them, and the recipe."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 2
"""Of the tables: raised when they change, with a migration from the version before."""

APPLICATION_ID = 0x61_69_71_61
"""Marks a SQLite file as a catalog of aiqa ("aiqa" in ASCII)."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE generations (generation INTEGER PRIMARY KEY, stamp TEXT NOT NULL) STRICT;
CREATE TABLE recipes (id INTEGER PRIMARY KEY, recipe TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, format TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    pages TEXT NOT NULL, headings TEXT NOT NULL, about TEXT NOT NULL, loader INTEGER NOT NULL,
    checksum TEXT NOT NULL
) STRICT;
CREATE TABLE layouts (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, start INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
    boxes BLOB NOT NULL, PRIMARY KEY (document_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE files (
    source TEXT PRIMARY KEY, collection TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, digest TEXT NOT NULL, loader INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sources (
    source TEXT PRIMARY KEY,
    file TEXT NOT NULL REFERENCES files (source) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_document ON sources (document_id);
CREATE INDEX sources_by_file ON sources (file);
CREATE TABLE failures (
    source TEXT PRIMARY KEY,
    file TEXT NOT NULL REFERENCES files (source) ON DELETE CASCADE,
    error TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_by_file ON failures (file);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    recipe INTEGER NOT NULL REFERENCES recipes (id),
    section TEXT NOT NULL, page INTEGER, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    checksum INTEGER NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_by_document ON chunks (document_id, recipe, start);
CREATE INDEX chunks_by_recipe ON chunks (recipe, key);
"""

MIGRATIONS = {
    1: f"""
ALTER TABLE meta RENAME TO meta_1;
ALTER TABLE documents RENAME TO documents_1;
ALTER TABLE sources RENAME TO sources_1;
ALTER TABLE failures RENAME TO failures_1;
ALTER TABLE chunks RENAME TO chunks_1;
DROP INDEX sources_by_document;
DROP INDEX chunks_by_document;
{TABLES}
INSERT INTO meta VALUES ('recipe', '1');
INSERT INTO generations
    SELECT CAST(value AS INTEGER), 'migrated' FROM meta_1 WHERE name = 'generation';
INSERT INTO recipes SELECT 1, value FROM meta_1 WHERE name = 'recipe';
INSERT INTO documents
    SELECT id, format, title, text, pages, headings, '{{}}', 1,
           document_checksum(title, text, pages, headings) FROM documents_1;
INSERT INTO files SELECT source, 'default', -1, 0, '', 1 FROM sources_1
    UNION SELECT source, 'default', -1, 0, '', 1 FROM failures_1;
INSERT INTO sources SELECT source, source, document_id FROM sources_1;
INSERT INTO failures SELECT source, source, error FROM failures_1;
INSERT INTO chunks
    SELECT key, document_id, 1, section, page, start, "end",
           chunk_checksum(start, "end", vector), vector FROM chunks_1;
DROP TABLE chunks_1;
DROP TABLE sources_1;
DROP TABLE failures_1;
DROP TABLE documents_1;
DROP TABLE meta_1;
"""
}
"""Statements that turn the tables of a version into those of the next."""


@dataclass(frozen=True, slots=True)
class IndexRecipe:
    """What shaped the chunks and vectors: an index answers only to the recipe it was made by."""

    embedder: str
    dimensions: int
    chunk_tokens: int
    chunk_overlap: int
