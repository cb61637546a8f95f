"""The SQL that the queries of a catalog share."""

from __future__ import annotations

from aiqa.index.database import Database
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
"""The date of a document in ``JOINED``: its own, or that of its file; empty if neither is known."""


class Queries:
    """Reads from one catalog file.

    Raises:
        CatalogError: the file is damaged; from any method.
    """

    def __init__(self, database: Database) -> None:
        self._db = database


def condition(filters: Filters | None) -> tuple[str, list[str]]:
    """Return an SQL condition over ``JOINED`` that ``filters`` stand for, and its values."""
    conditions, values = ["TRUE"], list[str]()
    if filters is None:
        return "TRUE", values
    if filters.sources:
        conditions.append(f"({' OR '.join(['sources.source GLOB ?'] * len(filters.sources))})")
        values.extend(filters.sources)
    if filters.title is not None:
        conditions.append("instr(casefold(title), casefold(?)) > 0")
        values.append(filters.title)
    for column, allowed in (("format", filters.formats), ("collection", filters.collections)):
        if allowed:
            conditions.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values.extend(allowed)
    for comparison, day in ((">=", filters.since), ("<=", filters.until)):
        if day is not None:
            conditions.append(f"({DAY} != '' AND {DAY} {comparison} ?)")
            values.append(day)
    return " AND ".join(conditions), values
