"""How the queries of a catalog are put to PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from aiqa.cluster.catalog_view import CatalogView
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.published import Published
from aiqa.index.chunk_queries import ChunkQueries
from aiqa.index.document_queries import DocumentQueries
from aiqa.index.file_queries import FileQueries
from aiqa.index.sql_queries import SqlQueries
from aiqa.index.stored_rows import StoredDocument
from aiqa.index.stored_values import parsing, recipe_of
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Document, Filters

_WITH_GENERATIONS = {"documents", "sources", "chunks"}


def visible(table: str) -> str:
    """Return an SQL condition that a row of ``table`` is in the generation ``:at``."""
    return f"{table}.born <= :at AND {table}.died > :at"


JOINED = (
    "sources JOIN documents ON documents.id = sources.document_id "
    f"AND {visible('documents')} AND {visible('sources')}"
)
"""An SQL join of every source with its document, in the generation ``:at``."""


class PostgresQueries(SqlQueries):
    """Reads from one catalog, in the generation that ``view`` tells."""

    joined = JOINED
    day = "day"

    def __init__(self, database: Postgres, view: CatalogView) -> None:
        self._db = database
        self._view = view

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        return self._db.rows(statement, at=self._view.at, **values)

    def _visible(self, table: str) -> str:
        return visible(table) if table in _WITH_GENERATIONS else "TRUE"

    def _any_of(self, column: str, name: str) -> str:
        return f"{column} = ANY(CAST(:{name} AS text[]))"

    def _texts(self, texts: Iterable[str]) -> list[str]:
        return list(texts)

    def _condition(self, filters: Filters | None) -> tuple[str, dict[str, Any]]:
        return postgres_condition(filters)


class PostgresFiles(PostgresQueries, FileQueries):
    """Queries over files, sources and failures."""

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks; a publication knows its chunks."""
        ((documents,),) = self._rows(
            f"SELECT count(*) FROM sources WHERE {self._visible('sources')}"
        )
        if (search := self._view.search) is not None:
            return documents, Published.parse(search).chunks
        ((chunks,),) = self._rows(
            f"SELECT count(*) FROM chunks WHERE recipe = :recipe AND {self._visible('chunks')}",
            recipe=self._view.recipe,
        )
        return documents, chunks


class PostgresDocuments(PostgresQueries, DocumentQueries):
    """Queries over documents, whose checksums are verified."""

    layouts_read = (
        "(SELECT layouts.* FROM layouts JOIN documents ON id = document_id "
        f"AND documents.born = layouts.born AND {visible('documents')}) AS layouts"
    )

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``."""
        where, values = postgres_condition(filters)
        rows = self._rows(
            "SELECT documents.id, source, format, title, text, pages, headings, about, checksum, "
            f"blocks FROM {JOINED} WHERE documents.id = :id AND {where} ORDER BY source LIMIT 1",
            id=document_id,
            **values,
        )
        if not rows:
            return None
        *fields, blocks = rows[0]
        source = fields[1]
        with parsing(f"The text of {source}"):
            fields[3], fields[4] = fields[3].decode(), fields[4].decode()
            return StoredDocument(*fields).document(json.loads(blocks))


class PostgresChunks(PostgresQueries, ChunkQueries):
    """Queries over chunks and vectors, whose checksums are verified."""

    written = "document_id, start"

    @property
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""
        ((stored,),) = self._db.rows(
            "SELECT recipe FROM recipes WHERE id = :id", id=self._view.recipe
        )
        with parsing("The recipe"):
            return recipe_of(stored)

    @property
    def _active(self) -> str:
        return f"recipe = {self._view.recipe}"

    def _with_keys(self, keys: Sequence[int]) -> tuple[str, dict[str, Any]]:
        return "key = ANY(CAST(:keys AS bigint[]))", {"keys": list(keys)}


def postgres_condition(filters: Filters | None) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition over ``JOINED`` that ``filters`` stand for, and its values."""
    conditions, values = ["TRUE"], dict[str, Any]()
    if filters is None:
        return "TRUE", values
    if filters.sources:
        conditions.append("sources.source ~ ANY(CAST(:patterns AS text[]))")
        values["patterns"] = [glob_regex(pattern) for pattern in filters.sources]
    if filters.title is not None:
        conditions.append("position(:title IN folded_title) > 0")
        values["title"] = filters.title.casefold().encode()
    for column, allowed in (("format", filters.formats), ("collection", filters.collections)):
        if allowed:
            conditions.append(f"{column} = ANY(CAST(:{column}s AS text[]))")
            values[f"{column}s"] = list(allowed)
    for name, comparison, day in (("since", ">=", filters.since), ("until", "<=", filters.until)):
        if day is not None:
            conditions.append(f"(day <> '' AND day {comparison} :{name})")
            values[name] = day
    return " AND ".join(conditions), values


def glob_regex(pattern: str) -> str:
    """Return the regular expression of PostgreSQL that matches what SQLite's GLOB does."""
    parts, at = ["^"], 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        if letter == "*":
            parts.append(".*")
        elif letter == "?":
            parts.append(".")
        elif letter == "[":
            is_negated = pattern[at : at + 1] == "^"
            start = at + is_negated
            # A bracket that comes first is one of the letters.
            end = pattern.find("]", start + 1)
            if end < 0:
                return "^(?!)"  # SQLite matches nothing
            parts.append(_letters(pattern[start:end], is_negated=is_negated))
            at = end + 1
        else:
            parts.append(_literal(letter))
    return "".join([*parts, "$"])


def _letters(inside: str, *, is_negated: bool) -> str:
    """Return a bracket expression; only a hyphen between two letters has a meaning in it."""
    letters: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            letters.append(f"{_literal(inside[at])}-{_literal(inside[at + 2])}")
            at += 3
        else:
            letters.append(_literal(inside[at]))
            at += 1
    return f"[{'^' if is_negated else ''}{''.join(letters)}]"


def _literal(letter: str) -> str:
    return letter if letter.isalnum() else f"\\U{ord(letter):08x}"
