"""How the queries of a catalog are put to SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from aiqa.index.database import Database
from aiqa.index.sql_queries import SqlQueries
from aiqa.types import Filters

ACTIVE = "recipe = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'recipe')"
"""An SQL condition on ``chunks``: those of the recipe that is searched."""

JOINED = (
    "sources JOIN documents ON documents.id = sources.document_id "
    "JOIN files ON files.source = sources.file"
)
"""An SQL join of every source with its document and its file."""

DAY = (
    "coalesce(substr(about ->> '$.published', 1, 10), "
    "iif(mtime_ns > 0, date(mtime_ns / 1000000000, 'unixepoch'), ''))"
)
"""The date of a document in ``JOINED``."""


class SqliteQueries(SqlQueries):
    """Reads from one catalog file."""

    joined = JOINED
    day = DAY

    def __init__(self, database: Database) -> None:
        self._db = database

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        return self._db.rows(statement, values)

    def _visible(self, table: str) -> str:  # noqa: ARG002  # rows of other generations are gone
        return "TRUE"

    def _any_of(self, column: str, name: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(:{name}))"

    def _texts(self, texts: Iterable[str]) -> str:
        return json.dumps(list(texts))

    def _condition(self, filters: Filters | None) -> tuple[str, dict[str, Any]]:
        return condition(filters)


def condition(filters: Filters | None) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition over ``JOINED`` that ``filters`` stand for, and its values."""
    conditions, values = ["TRUE"], dict[str, Any]()
    if filters is None:
        return "TRUE", values
    if filters.sources:
        patterns = {f"pattern{number}": one for number, one in enumerate(filters.sources)}
        conditions.append(f"({' OR '.join(f'sources.source GLOB :{name}' for name in patterns)})")
        values |= patterns
    if filters.title is not None:
        conditions.append("instr(casefold(title), casefold(:title)) > 0")
        values["title"] = filters.title
    for column, allowed in (("format", filters.formats), ("collection", filters.collections)):
        if allowed:
            conditions.append(f"{column} IN (SELECT value FROM json_each(:{column}s))")
            values[f"{column}s"] = json.dumps(list(allowed))
    for name, comparison, day in (("since", ">=", filters.since), ("until", "<=", filters.until)):
        if day is not None:
            conditions.append(f"({DAY} != '' AND {DAY} {comparison} :{name})")
            values[name] = day
    return " AND ".join(conditions), values
