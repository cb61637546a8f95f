"""Queries over the files of a catalog: their sources, failures and counts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aiqa.index.queries import ACTIVE, DAY, JOINED, Queries
from aiqa.index.stored_values import about_of, parsing
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Failure, Holding, Omission


class FileQueries(Queries):
    """Queries over files, sources and failures."""

    def files(self, among: Iterable[str] | None = None) -> dict[str, StoredFile]:
        """Return every file that was ingested or failed, by source; or those that are ``among``."""
        where, values = _among("source", among)
        rows = self._db.stream(
            f"SELECT source, collection, size, mtime_ns, checksum, loader FROM files WHERE {where}",
            values,
        )
        return {row[0]: StoredFile(*row) for row in rows}

    def has_size(self, size: int) -> bool:
        """Tell whether any file has as many bytes."""
        return bool(self._db.rows("SELECT 1 FROM files WHERE size = ? LIMIT 1", (size,)))

    def files_under(self, folder: str) -> list[str]:
        """Return the sources of the files in ``folder``; see ``file_discovery.is_under``."""
        where, values = _under(folder)
        return [
            name for (name,) in self._db.rows(f"SELECT source FROM files WHERE {where}", values)
        ]

    def names_at(self, name: str) -> set[str]:
        """Return the files, sources and failures that have this name, or are in that folder."""
        where, values = _under(name)
        tables = " UNION ".join(
            f"SELECT source FROM {table} WHERE source = ? OR {where}"
            for table in ("files", "sources", "failures")
        )
        return {found for (found,) in self._db.rows(tables, [name, *values] * 3)}

    def names(self) -> set[str]:
        """Return all files, sources and failures."""
        rows = self._db.rows(
            "SELECT source FROM files UNION SELECT source FROM sources "
            "UNION SELECT source FROM failures"
        )
        return {name for (name,) in rows}

    def sources(self, among: Iterable[str] | None = None) -> dict[str, str]:
        """Return the document id of every source, or those ``among``, in order of source."""
        where, values = _among("source", among)
        return dict(
            self._db.rows(
                f"SELECT source, document_id FROM sources WHERE {where} ORDER BY source", values
            )
        )

    def is_empty(self) -> bool:
        """Tell whether there is no source."""
        return not self._db.rows("SELECT 1 FROM sources LIMIT 1")

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

    def failures(self, files: Iterable[str] | None = None) -> tuple[Failure, ...]:
        """Return what failed when last tried, all or of these ``files``, in order of source."""
        where, values = _among("file", files)
        rows = self._db.rows(
            f"SELECT source, error FROM failures WHERE {where} ORDER BY source", values
        )
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
        where, values = _among("file", files)
        rows = self._db.rows(
            "SELECT source, about FROM sources JOIN documents ON documents.id = document_id "
            "WHERE (about ->> '$.omissions' IS NOT NULL OR about ->> '$.unread_pages' IS NOT NULL) "
            f"AND {where} ORDER BY source",
            values,
        )
        omissions: list[Omission] = []
        for source, about in rows:
            with parsing(f"What is noted about {source}"):
                omissions.extend(about_of(about).left_out(source))
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


def _among(column: str, names: Iterable[str] | None) -> tuple[str, list[str]]:
    """Return an SQL condition that ``column`` is one of ``names``, and its values."""
    if names is None:
        return "TRUE", []
    return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(names))]


def _under(folder: str) -> tuple[str, list[str]]:
    """Return an SQL condition that ``source`` is in ``folder``, and its values."""
    if folder == ".":
        return "(source < '/' OR source >= '0')", []
    # The character after the slash is the zero.
    start = folder.rstrip("/")
    return "(source > ? AND source < ?)", [f"{start}/", f"{start}0"]
