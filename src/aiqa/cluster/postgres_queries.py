"""The SQL that the queries of a catalog in PostgreSQL share."""

from __future__ import annotations

from typing import Any

from aiqa.cluster.catalog_view import CatalogView
from aiqa.cluster.postgres import Postgres
from aiqa.types import Filters


def visible(table: str) -> str:
    """Return an SQL condition that a row of ``table`` is in the generation ``:at``."""
    return f"{table}.born <= :at AND {table}.died > :at"


JOINED = (
    "sources JOIN documents ON documents.id = sources.document_id "
    f"AND {visible('documents')} AND {visible('sources')}"
)
"""An SQL join of every source with its document, in the generation ``:at``."""


class PostgresQueries:
    """Reads from one catalog, in the generation that ``view`` tells.

    Raises:
        CatalogError: the database cannot be reached or is damaged; from any method.
    """

    def __init__(self, database: Postgres, view: CatalogView) -> None:
        self._db = database
        self._view = view

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        """Return the rows of a query of the generation ``:at``."""
        return self._db.rows(statement, at=self._view.at, **values)


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
