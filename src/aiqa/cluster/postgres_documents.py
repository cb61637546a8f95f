"""Queries over the documents of a catalog in PostgreSQL, with their page layouts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import starmap

from aiqa.cluster.postgres_queries import JOINED, PostgresQueries, postgres_condition, visible
from aiqa.index.stored_rows import StoredDocument
from aiqa.index.stored_values import parsing
from aiqa.types import Document, Filters, PageLayout

_IDS_AT_ONCE = 1000


class PostgresDocuments(PostgresQueries):
    """Queries over documents, whose checksums are verified; see ``storage.Catalog``."""

    def has(self, document_id: str, loader: int) -> bool:
        """Tell whether the document is stored as read by loader version ``loader``."""
        return bool(
            self._rows(
                f"SELECT 1 FROM documents WHERE id = :id AND loader = :loader "
                f"AND {visible('documents')}",
                id=document_id,
                loader=loader,
            )
        )

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``.

        Raises:
            CatalogError: its checksum does not match.
        """
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

    def document_ids(self) -> Iterator[str]:
        """Yield the ids of all documents, in order."""
        last = ""
        while rows := self._rows(
            f"SELECT id FROM documents WHERE id > :last AND {visible('documents')} "
            f"ORDER BY id LIMIT {_IDS_AT_ONCE}",
            last=last,
        ):
            yield from (document_id for (document_id,) in rows)
            (last,) = rows[-1]

    def checksums(self) -> dict[str, str]:
        """Return the checksum of every document, by id and in order of it."""
        return dict(
            self._rows(
                f"SELECT id, checksum FROM documents WHERE {visible('documents')} ORDER BY id"
            )
        )

    def documents(self) -> Iterator[Document]:
        """Yield every document in order of id, with one in memory at a time."""
        for document_id in self.document_ids():
            if document := self.document(document_id):
                yield document

    def layouts(self, document_id: str, start: int, end: int) -> list[PageLayout]:
        """Return the layouts of the pages of characters ``start`` to ``end``."""
        rows = self._rows(
            "WITH pages AS (SELECT layouts.* FROM layouts JOIN documents ON id = document_id "
            f"AND documents.born = layouts.born WHERE id = :id AND {visible('documents')}) "
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
            "SELECT width, height FROM layouts JOIN documents ON id = document_id "
            "AND documents.born = layouts.born "
            f"WHERE id = :id AND number = :number AND {visible('documents')}",
            id=document_id,
            number=number,
        )
        return (rows[0][0], rows[0][1]) if rows else None
