"""Files to the index: load what is new or changed, forget what is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from aiqa import documents
from aiqa.chunking import Chunker
from aiqa.discovery import Found, is_under
from aiqa.embedding import Embedder, Vectors
from aiqa.errors import DocumentError, SourceError
from aiqa.index import Index, Recipe
from aiqa.types import Chunk, Document, Failure, IngestReport

_BATCH_CHUNKS = 128
"""Chunks embedded and stored together: one transaction, and what an interruption can cost."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come, in files; ``source`` was looked at last."""

    done: int
    total: int
    source: str


class Ingestion:
    """One ingest into ``index``: documents are collected, then embedded and stored by the batch."""

    def __init__(self, index: Index, recipe: Recipe, chunker: Chunker, embedder: Embedder) -> None:
        self._index = index
        self._catalog = index.catalog
        self._recipe = recipe
        self._chunker = chunker
        self._embedder = embedder
        self._before = self._catalog.sources()
        self._failed_before = {failure.source: failure for failure in self._catalog.failures()}
        self._batch: dict[str, tuple[Document, list[Chunk]]] = {}
        self._links: dict[str, str] = {}
        self._linked: set[str] = set()
        self._failed: list[Failure] = []

    def run(
        self, found: Found, on_progress: Callable[[Progress], None] | None = None
    ) -> IngestReport:
        """Make the index match what was ``found``; see ``Assistant.ingest``."""
        with self._index.writing():
            return self._run(found, on_progress)

    def _run(self, found: Found, on_progress: Callable[[Progress], None] | None) -> IngestReport:
        if self._catalog.recipe != self._recipe:
            self._make_again()
        for number, (source, path) in enumerate(found.files.items(), 1):
            self._take(source, path)
            if sum(len(chunks) for _, chunks in self._batch.values()) >= _BATCH_CHUNKS:
                self._store()
            if on_progress:
                on_progress(Progress(number, len(found.files), source))
        self._store()
        gone = {
            source
            for source in [*self._before, *self._failed_before]
            if source not in found.files and any(is_under(source, root) for root in found.roots)
        }
        _forget(self._index, gone)
        self._index.tidy()
        if len(self._failed) == len(found.files):
            listed = " ".join(f"{failure.source}: {failure.error}" for failure in self._failed)
            raise SourceError(f"No file could be ingested. {listed}")
        return self._report(len(found.files), removed=len(gone & self._before.keys()))

    def _take(self, source: str, path: Path) -> None:
        """Load one file if its content is new; if it fails that is noted and its old text stays."""
        try:
            data = documents.read(path)
            document_id = documents.content_id(data)
            if document_id not in self._batch and not self._catalog.has(document_id):
                document = documents.load(data, source)
                self._batch[document_id] = document, self._chunker.chunks(document)
        except DocumentError as error:
            self._failed.append(Failure(source, str(error)))
            return
        if document_id != self._before.get(source):
            self._linked.add(source)
            self._links[source] = document_id
        elif source in self._failed_before:
            self._links[source] = document_id

    def _store(self) -> None:
        """Write what was collected in one transaction."""
        failures = [f for f in self._failed if self._failed_before.get(f.source) != f]
        if not (self._batch or self._links or failures):
            return
        vectors = self._encode([c for _, chunks in self._batch.values() for c in chunks])
        with self._catalog.transaction():
            row = 0
            for document, chunks in self._batch.values():
                self._catalog.put(document, chunks, vectors[row : row + len(chunks)])
                row += len(chunks)
            for source, document_id in self._links.items():
                self._catalog.link(source, document_id)
            for failure in failures:
                self._catalog.fail(failure)
        self._failed_before.update((failure.source, failure) for failure in failures)
        self._batch.clear()
        self._links.clear()

    def _make_again(self) -> None:
        """Chunk and embed what is stored by the present recipe, all in one transaction."""
        with self._catalog.transaction():
            for document in self._catalog.documents():
                chunks = self._chunker.chunks(document)
                self._catalog.put(document, chunks, self._encode(chunks))
            self._catalog.adopt(self._recipe)

    def _encode(self, chunks: Sequence[Chunk]) -> Vectors:
        return self._embedder.encode([self._chunker.embedded_text(chunk) for chunk in chunks])

    def _report(self, files: int, removed: int) -> IngestReport:
        added = len(self._linked - self._before.keys())
        updated = len(self._linked) - added
        documents_now, chunks_now = self._catalog.counts()
        return IngestReport(
            added=added,
            updated=updated,
            removed=removed,
            unchanged=files - added - updated - len(self._failed),
            failed=tuple(self._failed),
            documents=documents_now,
            chunks=chunks_now,
        )


def remove(sources: Sequence[str], index: Index) -> IngestReport:
    """Forget ``sources``, each a source or a folder of them; see ``Assistant.remove``."""
    stored = index.catalog.sources()
    known = [*stored, *(failure.source for failure in index.catalog.failures())]
    gone: set[str] = set()
    for source in sources:
        name = Path(source).as_posix()
        matches = {k for k in known if k == name or is_under(k, name)}
        if not matches:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else "`aiqa status` lists what is there."
            raise SourceError(f"There is no source {source} in the index.", hint)
        gone |= matches
    with index.writing():
        _forget(index, gone)
        index.tidy()
    documents_now, chunks_now = index.catalog.counts()
    return IngestReport(0, 0, len(gone & stored.keys()), 0, (), documents_now, chunks_now)


def _forget(index: Index, sources: set[str]) -> None:
    if sources:
        with index.catalog.transaction():
            index.catalog.remove(sorted(sources))
