"""The catalog's tables and their version."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aiqa.types import Span

VERSION = 7
"""Version of the tables. ``upgrade`` migrates some earlier versions; others are refused."""

APPLICATION_ID = 0x61_69_71_61
"""Marks a SQLite file as a catalog of aiqa ("aiqa" in ASCII)."""

SENTENCES_COLUMN = "sentences TEXT NOT NULL DEFAULT '[]'"
"""A column of ``chunks``: a JSON array of the starts and ends of a chunk's sentences."""

TABLES = f"""
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
    mtime_ns INTEGER NOT NULL, checksum TEXT NOT NULL, loader INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_size ON files (size);
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
    number INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    recipe INTEGER NOT NULL REFERENCES recipes (id), born INTEGER NOT NULL,
    section TEXT NOT NULL, page INTEGER, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, checksum INTEGER NOT NULL, vector BLOB NOT NULL, {SENTENCES_COLUMN}
) STRICT;
CREATE INDEX chunks_by_document ON chunks (document_id, recipe, start);
CREATE INDEX chunks_by_recipe ON chunks (recipe, born, number, key);
CREATE TABLE deleted_chunks (
    key INTEGER NOT NULL, recipe INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL
) STRICT;
CREATE INDEX deleted_chunks_by_death ON deleted_chunks (died);
CREATE TABLE blocks (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, block TEXT NOT NULL, PRIMARY KEY (document_id, start)
) STRICT, WITHOUT ROWID
"""
"""``chunks.section`` is a JSON array of the heading path, itself an array, and the lead-in.
``born`` and ``died`` are the first generations with and without a chunk, see ``chunk_key`` for its
``key``; ``deleted_chunks`` has those that ``generations`` that are remembered no longer have."""


def sentences_json(sentences: Iterable[Span]) -> str:
    """Return the value of ``SENTENCES_COLUMN`` for a chunk's sentences."""
    return json.dumps([(sentence.start, sentence.end) for sentence in sentences])
