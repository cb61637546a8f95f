"""Queries over the files of a catalog: their sources, failures and counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator

from aiqa.index.sql_queries import SqlQueries, stored_text, under
from aiqa.index.stored_values import About, about_of, parsing
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Failure, Filters, Holding, Omission

_FILES = "SELECT source, collection, size, mtime_ns, checksum, loader FROM files"
_NAMED = ("files", "sources", "failures")
"""The tables that names stand in."""


class FileQueries(SqlQueries):
    """Queries over files, sources and failures; see ``storage.Catalog``."""

    @abstractmethod
    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""

    def files(self, among: Iterable[str]) -> dict[str, StoredFile]:
        """Return those ``among`` the files that were ingested or failed, by source."""
        where, values = self._among("source", among)
        rows = self._rows(f"{_FILES} WHERE {where} ORDER BY source", **values)
        return {row[0]: StoredFile(*row) for row in rows}

    def all_files(self) -> Iterator[StoredFile]:
        """Yield every file that was ingested or failed, in order of source."""
        for row in self._pages(f"{_FILES} WHERE source > :last ORDER BY source"):
            yield StoredFile(*row)

    def has_size(self, size: int) -> bool:
        """Tell whether any file has as many bytes."""
        return bool(self._rows("SELECT 1 FROM files WHERE size = :size LIMIT 1", size=size))

    def files_under(self, folder: str) -> Iterator[str]:
        """Yield the sources of the files in ``folder``; see ``file_discovery.is_under``."""
        where, values = under(folder)
        rows = self._pages(
            f"SELECT source FROM files WHERE source > :last AND {where} ORDER BY source", **values
        )
        return (name for (name,) in rows)

    def names_at(self, name: str) -> set[str]:
        """Return the files, sources and failures that have this name, or are in that folder."""
        where, values = under(name)
        tables = " UNION ".join(
            f"SELECT source FROM {table} WHERE (source = :name OR {where}) "
            f"AND {self._visible(table)}"
            for table in _NAMED
        )
        return {found for (found,) in self._rows(tables, name=name, **values)}

    def sources(self, among: Iterable[str]) -> dict[str, str]:
        """Return the document id of those sources that are ``among``, in order of source."""
        where, values = self._among("source", among)
        return dict(
            self._rows(
                f"SELECT source, document_id FROM sources WHERE {where} "
                f"AND {self._visible('sources')} ORDER BY source",
                **values,
            )
        )

    def all_sources(self) -> Iterator[tuple[str, str]]:
        """Yield every source with its document's id, in order of source."""
        return self._pages(
            "SELECT source, document_id FROM sources WHERE source > :last "
            f"AND {self._visible('sources')} ORDER BY source"
        )

    def is_empty(self) -> bool:
        """Tell whether there is no source."""
        return not self._rows(f"SELECT 1 FROM sources WHERE {self._visible('sources')} LIMIT 1")

    def sources_of(self, file: str) -> dict[str, str]:
        """Return the document id of every source that came out of ``file``."""
        return dict(
            self._rows(
                "SELECT source, document_id FROM sources "
                f"WHERE file = :file AND {self._visible('sources')} ORDER BY source",
                file=file,
            )
        )

    def sources_with(self, document_id: str) -> list[str]:
        """Return the sources of a document, in order."""
        rows = self._rows(
            f"SELECT source FROM sources WHERE document_id = :id AND {self._visible('sources')} "
            "ORDER BY source",
            id=document_id,
        )
        return [source for (source,) in rows]

    def files_of(self, document_id: str) -> dict[str, str]:
        """Return the SHA-256 of every file that holds the document, in order of source."""
        return dict(
            self._rows(
                "SELECT DISTINCT files.source, files.checksum FROM sources "
                "JOIN files ON files.source = file "
                f"WHERE document_id = :id AND {self._visible('sources')} ORDER BY files.source",
                id=document_id,
            )
        )

    def sources_by_document(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the id of every document that is listed, in order, with all its sources."""
        ids = self._pages(
            "SELECT DISTINCT document_id FROM sources WHERE document_id > :last "
            f"AND {self._visible('sources')} ORDER BY document_id"
        )
        return ((document_id, self.sources_with(document_id)) for (document_id,) in ids)

    def holdings(self, filters: Filters | None = None) -> Iterator[Holding]:
        """Yield the sources that ``filters`` leave, with title and format, in order of source."""
        where, values = self._condition(filters)
        for source, document_id, title, format_name, collection, day in self._pages(
            f"SELECT sources.source, document_id, title, format, collection, {self.day} "
            f"FROM {self.joined} WHERE sources.source > :last AND {where} ORDER BY sources.source",
            **values,
        ):
            yield Holding(source, document_id, stored_text(title), format_name, collection, day)

    def failures(self, files: Iterable[str] | None = None) -> tuple[Failure, ...]:
        """Return what failed when last tried, all or of these ``files``, in order of source."""
        where, values = self._among("file", files)
        rows = self._rows(
            f"SELECT source, error FROM failures WHERE {where} ORDER BY source", **values
        )
        return tuple(Failure(source, error) for source, error in rows)

    def unread_pages(self) -> dict[str, list[int]]:
        """Return the pages without text, by source, of sources with such pages."""
        noted = self._noted(None, "unread_pages")
        return {source: list(about.unread_pages) for source, about in noted if about.unread_pages}

    def omissions(self, files: Iterable[str] | None = None) -> tuple[Omission, ...]:
        """Return what was left out of documents, or of those that came out of ``files``.

        Pages without text are among it. The order is that of the sources.
        """
        noted = self._noted(files, "unread_pages", "omissions")
        return tuple(omission for source, about in noted for omission in about.left_out(source))

    def _noted(self, files: Iterable[str] | None, *fields: str) -> Iterator[tuple[str, About]]:
        """Yield sources, of ``files``, with what their documents tell in any of these fields."""
        where, values = self._among("file", files)
        has_field = " OR ".join(f"about LIKE '%\"{field}\"%'" for field in fields)
        statement = (
            f"SELECT sources.source, about FROM {self.joined} WHERE sources.source > :last "
            f"AND ({has_field}) AND {where} ORDER BY sources.source"
        )
        some = self._rows(statement, last="", **values) if values else self._pages(statement)
        for source, about in some:
            with parsing(f"What is noted about {source}"):
                yield source, about_of(about)

    def formats(self) -> dict[str, int]:
        """Return the number of sources of each format."""
        return self._tally("format")

    def collections(self) -> dict[str, int]:
        """Return the number of sources in each collection."""
        return self._tally("collection")

    def _tally(self, column: str) -> dict[str, int]:
        rows = self._rows(f"SELECT {column}, count(*) FROM {self.joined} GROUP BY {column}")
        return dict(sorted(rows))
