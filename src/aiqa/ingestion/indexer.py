"""Documents into an index and out of it: what ``Assistant.ingest``, ``add`` and ``remove`` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from aiqa.document_store import DocumentStore
from aiqa.documents.sandbox.pool import Limits, Parsing
from aiqa.embedders import Embedder
from aiqa.ingestion.chunker import Chunker
from aiqa.ingestion.file_discovery import Selection, discover
from aiqa.ingestion.pipeline import Ingestion
from aiqa.ingestion.report import preview, remove
from aiqa.storage import IndexRecipe
from aiqa.types import Document, IngestReport, Progress


class Indexer:
    """Changes what ``store`` holds; ``embedder`` gives the embedder and is called when needed."""

    def __init__(self, store: DocumentStore, embedder: Callable[[], Embedder]) -> None:
        self._store = store
        self._embedder = embedder

    def ingest(
        self,
        *paths: str | Path,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        collection: str | None = None,
        verify: bool = False,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Make the index match ``paths``: files, or folders with everything in them.

        New files are added, changed ones replaced, and files gone from a given folder removed. A
        file that cannot be read is reported and does not stop the rest. If the embedder or the
        chunk size was changed, the stored documents are chunked and embedded again first.

        ``include`` and ``exclude`` are patterns that say which files of a folder are meant; see
        ``Selection``. ``collection`` names the collection that the files belong to. Files whose
        size and time of change are as they were are not looked into unless ``verify`` is set.
        ``dry_run`` only reports what would be done.

        Raises:
            SourceError: a path is missing, there is nothing to ingest, or every file failed.
            CatalogError: the index cannot be written or is of another version.
        """
        selection = Selection(tuple(include), tuple(exclude)) if include or exclude else None
        inputs = discover(paths, self._store.folder, selection)
        if dry_run:
            catalog = self._store.index.catalog if self._store.has_index else None
            return preview(inputs, catalog, collection, verify=verify)
        return self._ingestion().run(inputs, collection, verify=verify, on_progress=on_progress)

    def add(
        self,
        documents: Sequence[Document],
        *,
        collection: str = "default",
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Put documents that are text already, rather than files, into the index.

        A document replaces the one of the same source; others stay. Ids must differ where texts do.

        Raises:
            CatalogError: the index cannot be written or is of another version.
        """
        return self._ingestion().add(documents, collection, on_progress)

    def remove(self, *sources: str) -> IngestReport:
        """Delete documents by source, as ``status`` lists them, or all in a folder.

        Raises:
            SourceError: a source is not in the index; then nothing is removed.
            CatalogError: there is no usable index.
        """
        return remove(sources, self._store.index)

    def _ingestion(self) -> Ingestion:
        index = self._store.create_index(lambda: self._recipe(None))
        recipe = self._recipe(index.catalog.recipe)
        return Ingestion(index, recipe, lambda: self._chunker, self._embedder(), self._parsing)

    def _parsing(self) -> Parsing:
        s = self._store.settings
        return Parsing(s.parse_workers, Limits(s.parse_seconds, s.parse_memory_mb, s.max_file_mb))

    @cached_property
    def _chunker(self) -> Chunker:
        embedder = self._embedder()
        return Chunker(
            target=self._store.settings.chunk_tokens,
            overlap=self._store.settings.chunk_overlap,
            limit=embedder.max_tokens,
            count_pieces=embedder.count_tokens,
        )

    def _recipe(self, stored: IndexRecipe | None) -> IndexRecipe:
        """Return the recipe by the settings; ``stored`` is that of the index, if there is one."""
        embedder = self._embedder()
        # What is stored tells the length of a vector without the model being loaded.
        same = stored is not None and stored.embedder == embedder.identity
        return IndexRecipe(
            embedder=embedder.identity,
            dimensions=stored.dimensions if stored and same else embedder.dimensions,
            chunk_tokens=self._store.settings.chunk_tokens,
            chunk_overlap=self._store.settings.chunk_overlap,
        )
