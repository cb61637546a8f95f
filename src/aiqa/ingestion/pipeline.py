"""Files to the index: read what is new or changed, delete what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiqa.documents.sandbox.pool import Parsing, Request
from aiqa.embedders import Embedder
from aiqa.ingestion.batch_writer import BatchWriter
from aiqa.ingestion.change_detection import FileChange, detect_changes
from aiqa.ingestion.chunker import Chunker
from aiqa.ingestion.file_discovery import FoundFiles
from aiqa.ingestion.file_recorder import FileRecorder
from aiqa.ingestion.report import IngestTally, gone, ingest_report, nothing_read
from aiqa.storage import IndexRecipe, Store
from aiqa.types import Document, IngestReport, Progress

OnProgress = Callable[[Progress], None]


class Ingestion:
    """One ingest into ``index``: documents are collected, then embedded and stored by the batch."""

    def __init__(
        self,
        index: Store,
        recipe: IndexRecipe,
        chunker: Callable[[], Chunker],
        embedder: Embedder,
        parsing: Callable[[], Parsing],
    ) -> None:
        self._index = index
        self._catalog = index.catalog
        self._writer = BatchWriter(index.catalog, recipe, chunker, embedder)
        self._parsing = parsing
        self._tally = IngestTally()
        self._recorder = FileRecorder(self._catalog, self._writer, self._tally)

    def run(
        self,
        inputs: FoundFiles,
        collection: str | None = None,
        *,
        verify: bool = False,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Make the index match ``inputs``; see ``Assistant.ingest``."""
        started, clock = datetime.now(UTC), time.monotonic()
        with self._index.writing():
            self._writer.apply_recipe()
            files = list(detect_changes(inputs, self._catalog, collection, verify=verify))
            self._recorder.record_unread(files, gone(inputs, self._catalog))
            self._read(files, on_progress)
            self._writer.store()
            if len(self._tally.without) == len(inputs.files):
                raise nothing_read(self._tally.failures)
            report = ingest_report(self._catalog, inputs, self._tally)
            with self._catalog.transaction(visible=False) as changes:
                changes.note(
                    "last run",
                    {
                        "started": started.isoformat(timespec="seconds"),
                        "seconds": round(time.monotonic() - clock, 1),
                        "added": report.added,
                        "updated": report.updated,
                        "removed": report.removed,
                        "unchanged": report.unchanged,
                        "failed": len(report.failed),
                    },
                )
            self._index.refresh_snapshot()
        return report

    def add(
        self,
        documents: Sequence[Document],
        collection: str,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Store documents that are text already, each as a file; see ``Assistant.add``."""
        size = sum(len(document.text) for document in documents)
        with self._index.writing():
            self._writer.apply_recipe()
            for number, document in enumerate(documents, 1):
                self._recorder.record_document(document, collection)
                self._tally.bytes_done += len(document.text)
                self._tell(on_progress, number, len(documents), size, document.source)
            self._writer.store()
            self._index.refresh_snapshot()
        inputs = FoundFiles({document.source: Path(document.source) for document in documents}, ())
        return ingest_report(self._catalog, inputs, self._tally)

    def _read(self, files: Sequence[FileChange], on_progress: OnProgress | None) -> None:
        """Read those of ``files`` that are new or changed."""
        to_read = [file for file in files if file.action == "parse"]
        size = sum(file.size for file in to_read)
        rest = len(files) - len(to_read)
        if not to_read:
            self._tell(on_progress, rest, len(files), size, files[-1].source)
            return
        self._writer.on_embedded = lambda: tell(*latest)
        latest = rest, files[-1].source

        def tell(done: int, source: str) -> None:
            nonlocal latest
            latest = done, source
            self._tell(on_progress, done, len(files), size, source)

        def tell_again() -> None:
            tell(*latest)

        self._writer.on_embedded = tell_again
        with self._parsing() as parsing:
            requests = (Request(file.source, file.path, file.size) for file in to_read)
            read = parsing.outcomes(requests, while_waiting=tell_again)
            outcomes = (outcome for _, outcome in read)
            for done, (file, outcome) in enumerate(zip(to_read, outcomes, strict=True), rest):
                self._recorder.record_read(file, outcome, partial(tell, done, file.source))
                self._tally.bytes_done += file.size
                tell(done + 1, file.source)

    def _tell(
        self, on_progress: OnProgress | None, done: int, total: int, size: int, source: str
    ) -> None:
        if on_progress:
            bytes_done, writer = self._tally.bytes_done, self._writer
            on_progress(
                Progress(
                    done,
                    total,
                    bytes_done,
                    size,
                    writer.chunks,
                    source,
                    writer.collected,
                    writer.characters,
                )
            )
