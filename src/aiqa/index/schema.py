"""The catalog's tables, their version, and the recipe by which their contents were made."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1
"""Of the tables and of the canonical text in them: raised when either changes its meaning."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, format TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    pages TEXT NOT NULL, headings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sources (
    source TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_document ON sources (document_id);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    section TEXT NOT NULL, page INTEGER, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_by_document ON chunks (document_id, start);
CREATE TABLE failures (source TEXT PRIMARY KEY, error TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What shaped the chunks and vectors: an index answers only to the recipe it was made by."""

    embedder: str
    dimensions: int
    chunk_tokens: int
    chunk_overlap: int
