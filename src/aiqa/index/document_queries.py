"""Queries over the documents of a catalog, with their blocks and page layouts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from itertools import starmap
from typing import ClassVar

from aiqa.index.sql_queries import SqlQueries
from aiqa.types import Document, Filters, PageLayout


class DocumentQueries(SqlQueries):
    """Queries over documents, whose checksums are verified; see ``storage.Catalog``."""

    layouts_read: ClassVar[str]
    """What layouts are read from in SQL: those of the documents in the generation."""

    @abstractmethod
    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``.

        Its source is the first that matches.

        Raises:
            CatalogError: its checksum does not match.
        """

    def has(self, document_id: str, loader: int) -> bool:
        """Tell whether the document is stored as read by loader version ``loader``."""
        return bool(
            self._rows(
                "SELECT 1 FROM documents WHERE id = :id AND loader = :loader "
                f"AND {self._visible('documents')}",
                id=document_id,
                loader=loader,
            )
        )

    def checksums(self) -> Iterator[tuple[str, str]]:
        """Yield id and checksum of every document, in order of id."""
        return self._pages(
            "SELECT id, checksum FROM documents WHERE id > :last "
            f"AND {self._visible('documents')} ORDER BY id"
        )

    def documents(self) -> Iterator[Document]:
        """Yield every document in order of id, with one in memory at a time."""
        for document_id, _ in self.checksums():
            if document := self.document(document_id):
                yield document

    def layouts(self, document_id: str, start: int, end: int) -> list[PageLayout]:
        """Return the layouts of the pages of characters ``start`` to ``end``."""
        rows = self._rows(
            f"WITH pages AS (SELECT layouts.* FROM {self.layouts_read} WHERE document_id = :id) "
            "SELECT number, start, width, height, boxes FROM pages WHERE start < :end AND start >= "
            "(SELECT coalesce(max(start), 0) FROM pages WHERE start <= :start) ORDER BY start",
            id=document_id,
            start=start,
            end=end,
        )
        return list(starmap(PageLayout, rows))

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return the width and height in points of a page that has a layout."""
        rows = self._rows(
            f"SELECT width, height FROM {self.layouts_read} "
            "WHERE document_id = :id AND number = :number",
            id=document_id,
            number=number,
        )
        return (rows[0][0], rows[0][1]) if rows else None
