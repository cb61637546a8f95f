"""What becomes of each file, recorded in the index and in the tally of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from aiqa.batches import batched
from aiqa.documents import LOADER_VERSION
from aiqa.documents.sandbox.pool import Outcome, Read
from aiqa.ingestion.batch_writer import BatchWriter
from aiqa.ingestion.change_detection import FileChange, reliable_mtime
from aiqa.ingestion.file_discovery import is_under
from aiqa.ingestion.report import IngestTally
from aiqa.storage import Catalog, Changes, StoredFile
from aiqa.types import Change, Document, Failure

_AT_ONCE = 1000


class FileRecorder:
    """Records files through ``writer``, which stores them by the batch, and counts them."""

    def __init__(self, catalog: Catalog, writer: BatchWriter, tally: IngestTally) -> None:
        self._catalog = catalog
        self._writer = writer
        self._tally = tally

    def record_unread(self, files: Sequence[FileChange], missing: set[str]) -> None:
        """Record the ``files`` that need not be read, and delete the stored ones in ``missing``."""
        before = {
            failure.source: failure
            for some in batched(files, _AT_ONCE)
            for failure in self._catalog.failures(file.source for file in some)
        }
        for file in files:
            match file.action:
                case "fail" if file.failure:
                    self._fail(file, file.failure, is_new=before.get(file.source) != file.failure)
                case "keep":
                    self._keep_failures(file.source, before)
                case "touch":
                    self._keep_failures(file.source, before)
                    self._keep_original(file.path, file.checksum, is_named=True)
                    self._writer.defer(Changes.file, file.to_store(file.checksum))
                    self._writer.visible |= (
                        not file.stored or file.collection != file.stored.collection
                    )
                case "link":
                    self._link(file)
        if missing:
            self._tally.removed(missing, self._catalog)
            self._writer.defer(Changes.remove_files, sorted(missing))
            self._writer.visible = True

    def record_read(
        self,
        file: FileChange,
        outcomes: Iterator[Outcome],
        on_stored: Callable[[], None],
        *,
        again: bool = False,
    ) -> None:
        """Record what a loader made of ``file``; if it fails as a whole its old text stays.

        ``on_stored`` is called after each batch that is stored meanwhile. ``again`` tells that
        another worker of this run may have stored a part of the file: that counts as new, too.
        """
        before = self._catalog.sources_of(file.source)
        counted = {} if again and self._is_unfinished(file.source) else before
        linked: dict[str, str] = {}
        failures: list[Failure] = []
        # Until all of it is stored the file is remembered as one to be read again.
        self._writer.defer(Changes.file, file.to_store("", loader=0))
        for outcome in outcomes:
            match outcome:
                case Document():
                    self._writer.collect(outcome)
                    linked[outcome.source] = outcome.id
                    self._writer.defer(Changes.link, outcome.source, file.source, outcome.id)
                    self._writer.visible = True
                    if self._writer.store_if_full():
                        on_stored()
                case Failure():
                    failures.append(outcome)
                    self._writer.defer(Changes.record_failure, outcome, file.source)
                case Read():
                    self._finish(file, outcome, before, linked, failures)
                    self._count(file.source, counted, linked)
                    return
        self._fail(file, failures.pop(), is_new=True)
        self._tally.failures.extend(failures)

    def record_document(self, document: Document, collection: str) -> None:
        """Record ``document``, which is text already, as a file of its own.

        The time of change that is stored for it, 0, is no file's: one of such a name is read.
        """
        source, size = document.source, len(document.text)
        self._count(source, self._catalog.sources_of(source), {source: document.id})
        self._writer.collect(document)
        stored = StoredFile(source, collection, size, 0, document.id, LOADER_VERSION)
        self._writer.defer(Changes.file, stored)
        self._writer.defer(Changes.link, source, source, document.id)
        self._writer.visible = True
        self._writer.store_if_full()

    def _keep_original(self, path: Path, checksum: str, *, is_named: bool = False) -> None:
        if self._catalog.originals:
            self._catalog.originals.keep(path, checksum, is_named=is_named)

    def _link(self, file: FileChange) -> None:
        self._keep_original(file.path, file.checksum)
        self._writer.defer(Changes.file, file.to_store(file.checksum))
        self._writer.defer(Changes.link, file.source, file.source, file.checksum)
        self._writer.defer(Changes.keep_only, file.source, [file.source], [])
        before = self._catalog.sources_of(file.source)
        self._count(file.source, before, {file.source: file.checksum})
        self._writer.visible = True

    def _keep_failures(self, file: str, before: dict[str, Failure]) -> None:
        failures = [f for f in before.values() if f.source == file or is_under(f.source, file)]
        self._tally.failures.extend(failures)
        if failures and not self._catalog.sources_of(file):
            self._tally.without.add(file)

    def _finish(
        self,
        file: FileChange,
        read: Read,
        before: dict[str, str],
        linked: dict[str, str],
        failures: list[Failure],
    ) -> None:
        stored = StoredFile(
            file.source,
            file.collection,
            read.size,
            reliable_mtime(read.mtime_ns),
            read.checksum,
            LOADER_VERSION,
        )
        self._keep_original(file.path, read.checksum)
        self._writer.defer(Changes.file, stored)
        # What cannot be read any more keeps its old text until it is repaired or gone.
        sources = [failure.source for failure in failures]
        self._writer.defer(Changes.keep_only, file.source, [*linked, *sources], sources)
        self._writer.visible |= bool(before.keys() - linked.keys())
        self._tally.failures.extend(failures)
        if failures and not linked:
            self._tally.without.add(file.source)

    def _is_unfinished(self, file: str) -> bool:
        """Tell whether whoever stored a part of ``file`` was killed before the rest was stored."""
        stored = self._catalog.files([file]).get(file)
        return stored is not None and not stored.checksum and not stored.loader

    def _fail(self, file: FileChange, failure: Failure, *, is_new: bool) -> None:
        if is_new:
            self._writer.defer(Changes.file, file.to_store(""))
            self._writer.defer(Changes.record_failure, failure, file.source)
        self._tally.failures.append(failure)
        self._tally.without.add(file.source)

    def _count(self, file: str, before: dict[str, str], after: dict[str, str]) -> None:
        """Count ``file`` as added or updated if its documents by source have changed."""
        if after and before != after:
            self._tally.changes[file] = Change(file, "updated" if before else "added")
