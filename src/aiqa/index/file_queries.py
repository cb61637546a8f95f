"""Queries over the files of a catalog: their sources, failures and counts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aiqa.index.catalog_writer import StoredFile
from aiqa.index.queries import ACTIVE, DAY, JOINED, Queries
from aiqa.index.stored_values import about_of, parsing
from aiqa.types import Failure, Holding, Omission


class FileQueries(Queries):
    """Queries over files, sources and failures."""

    def files(self) -> dict[str, StoredFile]:
        """Return every file that was ingested or failed, by source."""
        rows = self._db.stream(
            "SELECT source, collection, size, mtime_ns, checksum, loader FROM files"
        )
        return {row[0]: StoredFile(*row) for row in rows}

    def sources(self) -> dict[str, str]:
        """Return the document id of every source, in order of source."""
        return dict(self._db.rows("SELECT source, document_id FROM sources ORDER BY source"))

    def sources_of(self, file: str) -> dict[str, str]:
        """Return the document id of every source that came out of ``file``."""
        return dict(
            self._db.rows("SELECT source, document_id FROM sources WHERE file = ?", (file,))
        )

    def files_of(self, document_id: str) -> dict[str, str]:
        """Return the SHA-256 of every file that holds the document, in order of source."""
        return dict(
            self._db.rows(
                "SELECT DISTINCT files.source, files.checksum FROM sources "
                "JOIN files ON files.source = file WHERE document_id = ? ORDER BY files.source",
                (document_id,),
            )
        )

    def sources_by_document(self) -> dict[str, list[str]]:
        """Return all sources of every document."""
        rows = self._db.rows(
            "SELECT document_id, json_group_array(source) FROM sources GROUP BY document_id"
        )
        return {document_id: sorted(json.loads(sources)) for document_id, sources in rows}

    def holdings(self) -> list[Holding]:
        """Return every source with its document's title and format, in order of source."""
        rows = self._db.rows(
            f"SELECT sources.source, document_id, title, format, collection, {DAY} "
            f"FROM {JOINED} ORDER BY sources.source"
        )
        return [Holding(*row) for row in rows]

    def failures(self) -> tuple[Failure, ...]:
        """Return the files that failed when last tried, in order of source."""
        rows = self._db.rows("SELECT source, error FROM failures ORDER BY source")
        return tuple(Failure(source, error) for source, error in rows)

    def unread_pages(self) -> dict[str, list[int]]:
        """Return the pages without text, by source, of sources with such pages."""
        return {
            source: json.loads(pages)
            for source, pages in self._db.rows(
                "SELECT source, about ->> '$.unread_pages' FROM sources "
                "JOIN documents ON documents.id = document_id "
                "WHERE json_array_length(about, '$.unread_pages') > 0 ORDER BY source"
            )
        }

    def omissions(self, files: Iterable[str] | None = None) -> tuple[Omission, ...]:
        """Return what was left out of documents, or of those that came out of ``files``.

        Pages without text are among it. The order is that of the sources.
        """
        wanted = None if files is None else set(files)
        rows = self._db.rows(
            "SELECT source, file, about FROM sources JOIN documents ON documents.id = document_id "
            "WHERE about ->> '$.omissions' IS NOT NULL OR about ->> '$.unread_pages' IS NOT NULL "
            "ORDER BY source"
        )
        omissions: list[Omission] = []
        for source, file, about in rows:
            if wanted is not None and file not in wanted:
                continue
            with parsing(f"What is noted about {source}"):
                details = about_of(about)
            if details.unread_pages:
                numbers = ", ".join(map(str, details.unread_pages))
                text = f"There is no text on p. {numbers}, probably scanned."
                omissions.append(Omission(source, text))
            omissions.extend(Omission(source, what) for what in details.omissions)
        return tuple(omissions)

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""
        ((documents, chunks),) = self._db.rows(
            f"SELECT (SELECT count(*) FROM sources), (SELECT count(*) FROM chunks WHERE {ACTIVE})"
        )
        return documents, chunks

    def formats(self) -> dict[str, int]:
        """Return the number of sources of each format."""
        return self._tally("format")

    def collections(self) -> dict[str, int]:
        """Return the number of sources in each collection."""
        return self._tally("collection")

    def _tally(self, column: str) -> dict[str, int]:
        return dict(
            self._db.rows(
                f"SELECT {column}, count(*) FROM {JOINED} GROUP BY {column} ORDER BY {column}"
            )
        )
