"""Queries over the documents of a catalog, with their blocks and page layouts."""

from __future__ import annotations

from collections.abc import Iterator

from aiqa.index.queries import JOINED, Queries, condition
from aiqa.index.stored_rows import StoredDocument
from aiqa.types import Document, Filters, PageLayout


class DocumentQueries(Queries):
    """Queries over documents, whose checksums are verified."""

    def has(self, document_id: str, loader: int) -> bool:
        """Tell whether the document is stored as read by loader version ``loader``."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM documents WHERE id = ? AND loader = ?", (document_id, loader)
            )
        )

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``.

        Its source is the first that matches.

        Raises:
            CatalogError: its checksum does not match.
        """
        where, values = condition(filters)
        for row in self._db.rows(
            "SELECT documents.id, min(sources.source), format, title, text, pages, headings, "
            f"about, documents.checksum FROM {JOINED} WHERE documents.id = ? AND {where} "
            "GROUP BY documents.id",
            (document_id, *values),
        ):
            return StoredDocument(*row).document(self._blocks(document_id))
        return None

    def _blocks(self, document_id: str) -> list[str]:
        rows = self._db.rows(
            "SELECT block FROM blocks WHERE document_id = ? ORDER BY start", (document_id,)
        )
        return [block for (block,) in rows]

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, in order."""
        return [row[0] for row in self._db.rows("SELECT id FROM documents ORDER BY id")]

    def checksums(self) -> dict[str, str]:
        """Return the checksum of every document, by id and in order of it."""
        return dict(self._db.rows("SELECT id, checksum FROM documents ORDER BY id"))

    def documents(self) -> Iterator[Document]:
        """Yield every document in order of id, with one in memory at a time."""
        for document_id in self.document_ids():
            if document := self.document(document_id):
                yield document

    def layouts(self, document_id: str, start: int, end: int) -> list[PageLayout]:
        """Return the layouts of the pages of characters ``start`` to ``end``."""
        rows = self._db.rows(
            "SELECT number, start, width, height, boxes FROM layouts WHERE document_id = ?1 "
            "AND start < ?3 AND start >= (SELECT coalesce(max(start), 0) FROM layouts "
            "WHERE document_id = ?1 AND start <= ?2) ORDER BY start",
            (document_id, start, end),
        )
        return [PageLayout(*row) for row in rows]

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return the width and height in points of a page that has a layout."""
        rows = self._db.rows(
            "SELECT width, height FROM layouts WHERE document_id = ? AND number = ?",
            (document_id, number),
        )
        return rows[0] if rows else None
