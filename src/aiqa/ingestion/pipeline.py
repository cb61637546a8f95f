"""Files to the index: read what is new or changed, forget what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiqa.documents import LOADER_VERSION
from aiqa.documents.sandbox.pool import Outcome, Parsing, Read, Request
from aiqa.embedders import Embedder
from aiqa.index import Changes, Index, IndexRecipe, StoredFile
from aiqa.ingestion.batch_writer import BatchWriter
from aiqa.ingestion.change_detection import Look, detect_changes, settled
from aiqa.ingestion.chunker import Chunker
from aiqa.ingestion.file_discovery import Found, is_under
from aiqa.ingestion.report import IngestTally, gone, ingest_report, nothing_read
from aiqa.types import Change, Document, Failure, IngestReport


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come; ``source`` was looked at last.

    ``bytes_done`` of ``bytes_total`` are of the files that have to be read; ``chunks`` counts what
    was embedded so far, of ``collected`` that were read.
    """

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    chunks: int
    source: str
    collected: int = 0


OnProgress = Callable[[Progress], None]


class Ingestion:
    """One ingest into ``index``: documents are collected, then embedded and stored by the batch."""

    def __init__(
        self,
        index: Index,
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

    def run(
        self,
        inputs: Found,
        collection: str | None = None,
        *,
        verify: bool = False,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Make the index match ``inputs``; see ``Assistant.ingest``."""
        started, clock = datetime.now(UTC), time.monotonic()
        with self._index.writing():
            self._writer.follow_recipe()
            looks = list(detect_changes(inputs.files, self._catalog, collection, verify=verify))
            self._settle(looks, gone(inputs, self._catalog))
            self._read([look for look in looks if look.action == "parse"], looks, on_progress)
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
            self._index.tidy()
        return report

    def add(
        self,
        documents: Sequence[Document],
        collection: str,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Store documents that are text already, each as a file of its own; see ``Assistant.add``.

        The time of change that is stored for them, 0, is no file's: one of such a name is read.
        """
        sizes = [len(document.text) for document in documents]
        with self._index.writing():
            self._writer.follow_recipe()
            for number, document in enumerate(documents, 1):
                source = document.source
                self._changed(source, self._catalog.sources_of(source), {source: document.id})
                self._writer.collect(document)
                stored = StoredFile(
                    source, collection, sizes[number - 1], 0, document.id, LOADER_VERSION
                )
                self._writer.later(Changes.file, stored)
                self._writer.later(Changes.link, source, source, document.id)
                self._writer.visible = True
                self._writer.store_if_full()
                self._tally.bytes_done += sizes[number - 1]
                if on_progress:
                    tally = self._tally
                    on_progress(
                        Progress(
                            number,
                            len(documents),
                            tally.bytes_done,
                            sum(sizes),
                            self._writer.chunks,
                            source,
                        )
                    )
            self._writer.store()
            self._index.tidy()
        inputs = Found({document.source: Path(document.source) for document in documents}, ())
        return ingest_report(self._catalog, inputs, self._tally)

    # -- what needs no reading ----------------------------------------------------------------

    def _settle(self, looks: Sequence[Look], gone_files: set[str]) -> None:
        """Collect what is to be written about all files but those to be read."""
        before = {failure.source: failure for failure in self._catalog.failures()}
        for look in looks:
            match look.action:
                case "fail" if look.failure:
                    self._fail(look, look.failure, is_new=before.get(look.source) != look.failure)
                case "keep":
                    self._still_failing(look.source, before)
                case "touch":
                    self._still_failing(look.source, before)
                    self._writer.later(Changes.file, look.to_store(look.checksum))
                    self._writer.visible |= (
                        not look.stored or look.collection != look.stored.collection
                    )
                case "link":
                    self._link(look)
        if gone_files:
            self._tally.removed(gone_files, self._catalog)
            self._writer.later(Changes.remove_files, sorted(gone_files))
            self._writer.visible = True

    def _link(self, look: Look) -> None:
        self._writer.later(Changes.file, look.to_store(look.checksum))
        self._writer.later(Changes.link, look.source, look.source, look.checksum)
        self._writer.later(Changes.keep_only, look.source, [look.source], [])
        before = self._catalog.sources_of(look.source)
        self._changed(look.source, before, {look.source: look.checksum})
        self._writer.visible = True

    def _still_failing(self, file: str, before: dict[str, Failure]) -> None:
        failures = [f for f in before.values() if f.source == file or is_under(f.source, file)]
        self._tally.failures.extend(failures)
        if failures and not self._catalog.sources_of(file):
            self._tally.without.add(file)

    # -- reading ------------------------------------------------------------------------------

    def _read(
        self, looks: Sequence[Look], all_looks: Sequence[Look], on_progress: OnProgress | None
    ) -> None:
        rest, total = len(all_looks) - len(looks), sum(look.size for look in looks)
        latest = 0, all_looks[-1].source

        def tell(done: int, source: str) -> None:
            nonlocal latest
            latest = done, source
            if on_progress:
                tally = self._tally
                on_progress(
                    Progress(
                        rest + done,
                        len(all_looks),
                        tally.bytes_done,
                        total,
                        self._writer.chunks,
                        source,
                        self._writer.collected,
                    )
                )

        if not looks:
            tell(0, all_looks[-1].source)
            return
        self._writer.on_embedded = lambda: tell(*latest)
        with self._parsing() as parsing:
            requests = (Request(look.source, look.path, look.size) for look in looks)
            read = parsing.outcomes(requests, while_waiting=lambda: tell(*latest))
            outcomes = (outcome for _, outcome in read)
            for number, (look, outcome) in enumerate(zip(looks, outcomes, strict=True), 1):
                self._take(look, outcome, lambda: tell(number - 1, look.source))  # noqa: B023
                self._tally.bytes_done += look.size
                tell(number, look.source)

    def _take(self, look: Look, outcomes: Iterator[Outcome], tell: Callable[[], None]) -> None:
        """Collect what comes of one file; if it fails as a whole its old text stays."""
        before = self._catalog.sources_of(look.source)
        linked: dict[str, str] = {}
        failed: list[Failure] = []
        # Until all of it is stored the file is remembered as one to be read again.
        self._writer.later(Changes.file, look.to_store("", loader=0))
        for outcome in outcomes:
            match outcome:
                case Document():
                    self._writer.collect(outcome)
                    linked[outcome.source] = outcome.id
                    self._writer.later(Changes.link, outcome.source, look.source, outcome.id)
                    self._writer.visible = True
                    if self._writer.store_if_full():
                        tell()
                case Failure():
                    failed.append(outcome)
                    self._writer.later(Changes.fail, outcome, look.source)
                case Read():
                    self._finish(look, outcome, before, linked, failed)
                    return
        self._fail(look, failed.pop(), is_new=True)
        self._tally.failures.extend(failed)

    def _finish(
        self,
        look: Look,
        read: Read,
        before: dict[str, str],
        linked: dict[str, str],
        failed: list[Failure],
    ) -> None:
        file = StoredFile(
            look.source,
            look.collection,
            read.size,
            settled(read.mtime_ns),
            read.checksum,
            LOADER_VERSION,
        )
        self._writer.later(Changes.file, file)
        # What cannot be read any more keeps its old text until it is mended or gone.
        sources = [failure.source for failure in failed]
        self._writer.later(Changes.keep_only, look.source, [*linked, *sources], sources)
        self._writer.visible |= bool(before.keys() - linked.keys())
        self._tally.failures.extend(failed)
        if failed and not linked:
            self._tally.without.add(look.source)
        self._changed(look.source, before, linked)

    def _fail(self, look: Look, failure: Failure, *, is_new: bool) -> None:
        if is_new:
            self._writer.later(Changes.file, look.to_store(""))
            self._writer.later(Changes.fail, failure, look.source)
        self._tally.failures.append(failure)
        self._tally.without.add(look.source)

    def _changed(self, file: str, before: dict[str, str], after: dict[str, str]) -> None:
        if after and before != after:
            self._tally.changes[file] = Change(file, "updated" if before else "added")
