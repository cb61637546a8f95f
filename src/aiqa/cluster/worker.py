"""A worker of an ingest: it claims files, reads and embeds them, and stores them by the batch.

The outcome of a file is recorded in the transaction that stores the last of its documents, so a
file is done exactly when all of it is stored. Workers may run anywhere that the files can be read
at the same paths.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import cast
from uuid import uuid4

from aiqa.cluster.postgres import ConflictError
from aiqa.cluster.postgres_changes import PostgresChanges
from aiqa.cluster.work_queue import Counts, TakenOverError, WorkItem, WorkOutcome, WorkQueue
from aiqa.documents.sandbox.pool import Outcome as Read
from aiqa.documents.sandbox.pool import Parsing, Request
from aiqa.errors import AiqaError, CatalogError
from aiqa.ingestion.batch_writer import BatchWriter
from aiqa.ingestion.file_recorder import FileRecorder
from aiqa.ingestion.report import IngestTally
from aiqa.storage import Catalog, Changes
from aiqa.types import Failure

_MOST_CLAIMED = 8
"""Files claimed at a time: what another worker has to read again if this one dies."""

_MOST_TRIES = 3
"""Workers that may end over a file before it is given up."""

_MOST_CONFLICTS = 20
"""Batches in a row that may fail because other workers stored the same, or a server was away."""

_BEATS = 3
"""Signs of life within the time that a worker may be silent."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker works with; ``writer`` makes an empty batch."""

    catalog: Catalog
    queue: WorkQueue
    writer: Callable[[], BatchWriter]
    parsing: Callable[[], Parsing]


class IngestWorker:
    """One worker of a run, until no file of it is left to claim."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._queue = tools.queue
        self.name = uuid4().hex
        self._counts = Counts()
        self._conflicts = 0
        self._stop = Event()

    def work(self) -> None:
        """Read what waits, and what other workers leave when they die, until all is done.

        Raises:
            CatalogError: the database failed again and again.
            DependencyError: a package that a loader needs is missing.
        """
        with self._alive():
            while not self._stop.is_set():
                try:
                    # What was claimed before a conflict is read again.
                    self._queue.give_back(self.name)
                    with self._tools.parsing() as parsing:
                        self._read_all(parsing)
                        return
                except (ConflictError, TakenOverError):
                    # Two workers that store the same document at once may get in each other's way.
                    self._conflicts += 1
                    if self._conflicts > _MOST_CONFLICTS:
                        raise
                    self._stop.wait(0.05 * 2 ** min(self._conflicts, 6))

    def stop(self) -> None:
        """End soon, and give back what is held; any thread may ask for it."""
        self._stop.set()

    def _read_all(self, parsing: Parsing) -> None:
        """Read until all files of the run are done."""
        while not self._stop.is_set():
            self._read(parsing, self._fresh())
            # Over one of these a worker has ended, and this one may: each is read alone.
            while tried := self._queue.claim(self.name, 1, tried=True):
                self._read(parsing, iter(tried))
            if self._queue.is_done():
                return
            self._stop.wait(min(1.0, self._queue.lease_seconds / _BEATS))

    def _fresh(self) -> Iterator[WorkItem]:
        while not self._stop.is_set() and (items := self._queue.claim(self.name, _MOST_CLAIMED)):
            yield from items

    def _read(self, parsing: Parsing, items: Iterator[WorkItem]) -> None:
        """Read and store all of ``items``."""
        writer, start = self._tools.writer(), self._counts
        claimed: deque[WorkItem] = deque()

        def requests() -> Iterator[Request]:
            for item in items:
                if item.tries > _MOST_TRIES:
                    self._give_up(writer, item)
                    continue
                claimed.append(item)
                yield Request(item.file.source, item.file.path, item.file.size)

        def stored(source: str) -> None:
            self._conflicts = 0
            count(source)

        def count(source: str) -> None:
            self._counts = Counts(
                source,
                start.chunks + writer.chunks,
                start.collected + writer.collected,
                start.characters + writer.characters,
            )

        for request, outcomes in parsing.outcomes(requests()):
            self._record(writer, claimed.popleft(), outcomes, partial(stored, request.source))
            count(request.source)
            if writer.store_if_full():
                self._conflicts = 0
        writer.store()
        self._conflicts = 0

    def _record(
        self,
        writer: BatchWriter,
        item: WorkItem,
        outcomes: Iterator[Read],
        on_stored: Callable[[], None] = lambda: None,
    ) -> None:
        """Read ``item`` into ``writer``, which stores its outcome with the last of it."""
        tally = IngestTally()
        FileRecorder(self._tools.catalog, writer, tally).record_read(
            item.file, outcomes, on_stored, again=item.tries > 1
        )
        outcome = WorkOutcome.of(tally, item.file.source)
        writer.defer_call(partial(self._finish, item, outcome))

    def _give_up(self, writer: BatchWriter, item: WorkItem) -> None:
        reason = f"{_MOST_TRIES} workers ended while they read this file. It was given up."
        self._record(writer, item, iter([Failure(item.file.source, reason)]))

    def _finish(self, item: WorkItem, outcome: WorkOutcome, changes: Changes) -> None:
        connection = cast("PostgresChanges", changes).connection
        self._queue.finish(connection.rows, self.name, item, outcome)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Show now and then that this worker is alive, and leave at the end."""
        over = Event()

        def beat() -> None:
            while not over.wait(self._queue.lease_seconds / _BEATS):
                try:
                    self._queue.join(self.name, self._counts)
                except TakenOverError:
                    self.stop()
                    return
                except CatalogError:
                    # The database may be back before others think that this worker is gone.
                    continue

        self._queue.join(self.name)
        thread = Thread(target=beat, name="worker signs", daemon=True)
        thread.start()
        error: str | None = None
        try:
            yield
        except AiqaError as reason:
            error = str(reason)
            raise
        finally:
            over.set()
            thread.join()
            with suppress(CatalogError):
                self._queue.join(self.name, self._counts)
                self._queue.leave(self.name, error)
