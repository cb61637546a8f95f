"""What the queries of catalogs in SQLite and in PostgreSQL share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from aiqa.types import Filters

_ROWS_AT_ONCE = 1000


class SqlQueries(ABC):
    """Reads of a catalog by statements that both databases understand; values are ``:name``.

    Raises:
        CatalogError: the database is damaged or cannot be reached; from any method.
    """

    joined: ClassVar[str]
    """An SQL join of every source with its document."""

    day: ClassVar[str]
    """The date of a document in ``joined``: its own, or that of its file; empty if unknown."""

    @abstractmethod
    def _rows(self, statement: str, **values: Any) -> list[Any]:
        """Return all rows of a query; values that it does not name are passed over."""

    @abstractmethod
    def _visible(self, table: str) -> str:
        """Return an SQL condition that a row of ``table`` is in the generation that is read."""

    @abstractmethod
    def _any_of(self, column: str, name: str) -> str:
        """Return an SQL condition that ``column`` is one of the texts of the value ``name``."""

    @abstractmethod
    def _texts(self, texts: Iterable[str]) -> Any:
        """Return ``texts`` as a value for ``_any_of``."""

    @abstractmethod
    def _condition(self, filters: Filters | None) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition over ``joined`` that ``filters`` stand for, and its values."""

    def _pages(self, statement: str, **values: Any) -> Iterator[Any]:
        """Yield the rows of a query, some in memory at a time.

        It orders them by its first column, a text, and leaves those after ``:last``.
        """
        last = ""
        while rows := self._rows(f"{statement} LIMIT {_ROWS_AT_ONCE}", last=last, **values):
            yield from rows
            last = rows[-1][0]

    def _among(self, column: str, names: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition that ``column`` is one of ``names``, if any, and its values."""
        if names is None:
            return "TRUE", {}
        return self._any_of(column, "names"), {"names": self._texts(names)}


def under(folder: str) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition that ``source`` is in ``folder``, and its values."""
    if folder == ".":
        return "(source < '/' OR source >= '0')", {}
    # The character after the slash is the zero.
    start = folder.rstrip("/")
    return "(source > :first AND source < :end)", {"first": f"{start}/", "end": f"{start}0"}


def stored_text(stored: str | bytes) -> str:
    """Return a stored text; PostgreSQL's are bytes, as its own type has no NUL."""
    return stored.decode() if isinstance(stored, bytes) else stored
