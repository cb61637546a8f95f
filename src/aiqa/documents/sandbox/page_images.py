"""Pages of PDFs as pictures, drawn in a process of its own, and kept while they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from aiqa.documents.sandbox.pool import EndedError, Limits, Worker
from aiqa.errors import CatalogError, DocumentError, SourceError
from aiqa.storage import Catalog
from aiqa.storage.originals import places

_MOST_SECONDS = 20
"""Somebody is looking at the screen meanwhile."""

_KEPT_BYTES = 64_000_000


class Pictures:
    """Draws pages one after the other; any thread may ask."""

    def __init__(self, limits: Limits) -> None:
        self._limits = replace(limits, seconds=min(limits.seconds, _MOST_SECONDS))
        self._worker: Worker | None = None
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = Lock()

    def picture(self, catalog: Catalog, base: Path, document_id: str, number: int) -> bytes:
        """Page ``number`` of a document as PNG; see ``Assistant.picture``.

        Raises:
            CatalogError: there is no such document.
            DocumentError: it is not a PDF, or has no such page, or the page cannot be drawn.
            SourceError: no file holds it as it was read.
        """
        with catalog.reading():
            files = catalog.files_of(document_id)
        if not files:
            raise CatalogError(f"There is no document {document_id} in the index.")
        with self._lock:
            if (document_id, number) not in self._kept:
                paths = (path for _, path in places(files, base, catalog.originals))
                self._kept[document_id, number] = self._draw(paths, files, document_id, number)
                while sum(map(len, self._kept.values())) > _KEPT_BYTES and len(self._kept) > 1:
                    self._kept.popitem(last=False)
            self._kept.move_to_end((document_id, number))
            return self._kept[document_id, number]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _draw(
        self, paths: Iterable[Path], files: Iterable[str], document_id: str, number: int
    ) -> bytes:
        try:
            self._worker = self._worker or Worker(self._limits)
            for path in paths:
                if drawn := self._worker.picture(path, document_id, number):
                    return drawn
        except EndedError as error:
            self._end()
            raise DocumentError(f"Page {number} cannot be drawn: {error}") from error
        raise SourceError(
            f"{' and '.join(files)} is gone or has changed since it was read.",
            "Ingest it again to see the present one.",
        )

    def _end(self) -> None:
        if self._worker:
            self._worker.end()
            self._worker = None
