"""Queries over the files of a catalog in PostgreSQL: their sources, failures and counts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import starmap
from typing import Any

from aiqa.cluster.postgres_queries import JOINED, PostgresQueries, visible
from aiqa.index.stored_values import about_of, parsing
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Failure, Holding, Omission


class PostgresFiles(PostgresQueries):
    """Queries over files, sources and failures; see ``storage.Catalog``."""

    def files(self, among: Iterable[str] | None = None) -> dict[str, StoredFile]:
        """Return every file that was ingested or failed, by source; or those that are ``among``."""
        where, values = _among("source", among)
        rows = self._db.rows(
            "SELECT source, collection, size, mtime_ns, checksum, loader FROM files "
            f"WHERE {where} ORDER BY source",
            **values,
        )
        return {row[0]: StoredFile(*row) for row in rows}

    def has_size(self, size: int) -> bool:
        """Tell whether any file has as many bytes."""
        return bool(self._db.rows("SELECT 1 FROM files WHERE size = :size LIMIT 1", size=size))

    def files_under(self, folder: str) -> list[str]:
        """Return the sources of the files in ``folder``; see ``file_discovery.is_under``."""
        where, values = _under(folder)
        rows = self._db.rows(f"SELECT source FROM files WHERE {where}", **values)
        return [name for (name,) in rows]

    def names_at(self, name: str) -> set[str]:
        """Return the files, sources and failures that have this name, or are in that folder."""
        where, values = _under(name)
        return self._names(f"(source = :name OR {where})", name=name, **values)

    def names(self) -> set[str]:
        """Return all files, sources and failures."""
        return self._names("TRUE")

    def _names(self, where: str, **values: Any) -> set[str]:
        rows = self._rows(
            f"SELECT source FROM files WHERE {where} UNION "
            f"SELECT source FROM sources WHERE {where} AND {visible('sources')} UNION "
            f"SELECT source FROM failures WHERE {where}",
            **values,
        )
        return {name for (name,) in rows}

    def sources(self, among: Iterable[str] | None = None) -> dict[str, str]:
        """Return the document id of every source, or those ``among``, in order of source."""
        where, values = _among("source", among)
        return dict(
            self._rows(
                f"SELECT source, document_id FROM sources WHERE {where} AND {visible('sources')} "
                "ORDER BY source",
                **values,
            )
        )

    def is_empty(self) -> bool:
        """Tell whether there is no source."""
        return not self._rows(f"SELECT 1 FROM sources WHERE {visible('sources')} LIMIT 1")

    def sources_of(self, file: str) -> dict[str, str]:
        """Return the document id of every source that came out of ``file``."""
        return dict(
            self._rows(
                "SELECT source, document_id FROM sources "
                f"WHERE file = :file AND {visible('sources')} ORDER BY source",
                file=file,
            )
        )

    def files_of(self, document_id: str) -> dict[str, str]:
        """Return the SHA-256 of every file that holds the document, in order of source."""
        return dict(
            self._rows(
                "SELECT DISTINCT files.source, files.checksum FROM sources "
                "JOIN files ON files.source = file "
                f"WHERE document_id = :id AND {visible('sources')} ORDER BY files.source",
                id=document_id,
            )
        )

    def sources_by_document(self) -> dict[str, list[str]]:
        """Return all sources of every document."""
        found: dict[str, list[str]] = {}
        for source, document_id in self.sources().items():
            found.setdefault(document_id, []).append(source)
        return found

    def holdings(self) -> list[Holding]:
        """Return every source with its document's title and format, in order of source."""
        rows = self._rows(
            "SELECT sources.source, document_id, title, format, collection, day "
            f"FROM {JOINED} ORDER BY sources.source"
        )
        return [
            Holding(source, document_id, title.decode(), format_name, collection, day)
            for source, document_id, title, format_name, collection, day in rows
        ]

    def failures(self, files: Iterable[str] | None = None) -> tuple[Failure, ...]:
        """Return what failed when last tried, all or of these ``files``, in order of source."""
        where, values = _among("file", files)
        rows = self._db.rows(
            f"SELECT source, error FROM failures WHERE {where} ORDER BY source", **values
        )
        return tuple(starmap(Failure, rows))

    def unread_pages(self) -> dict[str, list[int]]:
        """Return the pages without text, by source, of sources with such pages."""
        noted = self._noted("'%\"unread\\_pages\"%'")
        return {source: list(about_of(about).unread_pages) for source, about in noted}

    def omissions(self, files: Iterable[str] | None = None) -> tuple[Omission, ...]:
        """Return what was left out of documents, or of those that came out of ``files``."""
        where, values = _among("file", files)
        omissions: list[Omission] = []
        for source, about in self._noted(
            "ANY(ARRAY['%\"unread\\_pages\"%', '%\"omissions\"%'])", where, **values
        ):
            with parsing(f"What is noted about {source}"):
                omissions.extend(about_of(about).left_out(source))
        return tuple(omissions)

    def _noted(self, pattern: str, where: str = "TRUE", **values: Any) -> list[tuple[str, str]]:
        """Return source and notes of documents whose notes have a field like ``pattern``."""
        return self._rows(
            f"SELECT source, about FROM {JOINED} WHERE about LIKE {pattern} AND {where} "
            "ORDER BY source",
            **values,
        )

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""
        ((documents, chunks),) = self._rows(
            f"SELECT (SELECT count(*) FROM sources WHERE {visible('sources')}), "
            f"(SELECT count(*) FROM chunks WHERE recipe = :recipe AND {visible('chunks')})",
            recipe=self._view.recipe,
        )
        return documents, chunks

    def formats(self) -> dict[str, int]:
        """Return the number of sources of each format."""
        return self._tally('format COLLATE "C"')

    def collections(self) -> dict[str, int]:
        """Return the number of sources in each collection."""
        return self._tally("collection")

    def _tally(self, column: str) -> dict[str, int]:
        return dict(self._rows(f"SELECT {column}, count(*) FROM {JOINED} GROUP BY 1 ORDER BY 1"))


def _among(column: str, names: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition that ``column`` is one of ``names``, and its values."""
    if names is None:
        return "TRUE", {}
    return f"{column} = ANY(CAST(:names AS text[]))", {"names": list(names)}


def _under(folder: str) -> tuple[str, dict[str, Any]]:
    """Return an SQL condition that ``source`` is in ``folder``, and its values."""
    if folder == ".":
        return "(source < '/' OR source >= '0')", {}
    # The character after the slash is the zero.
    start = folder.rstrip("/")
    return "(source > :first AND source < :last)", {"first": f"{start}/", "last": f"{start}0"}
