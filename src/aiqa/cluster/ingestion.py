"""An ingest that several workers share: planned and reported here, read and stored by them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from aiqa.cluster.postgres import ConflictError
from aiqa.cluster.work_queue import Sql, WorkQueue
from aiqa.errors import CatalogError
from aiqa.ingestion.change_detection import FileChange
from aiqa.ingestion.pipeline import Ingestion, OnProgress
from aiqa.types import Progress

_LOOK_SECONDS = 0.3
_MOST_SECONDS = 5.0
_MOST_AWAY_SECONDS = 60.0
_SHARE = 0.1
"""Looking how far the run is may take this share of the time."""


class Crew(Protocol):
    """The workers of one run."""

    def keep_up(self) -> int:
        """Replace workers that have died, as far as that helps; return how many there are."""
        ...


Start = Callable[[int], AbstractContextManager[Crew]]
"""Starts the workers of the run with this number, and ends them."""


class ClusterIngestion(Ingestion):
    """An ``Ingestion`` whose files are read by workers, which ``start`` starts."""

    def __init__(self, *parts: Any, sql: Sql, start: Start, lease_seconds: float) -> None:
        super().__init__(*parts)
        self._sql = sql
        self._start = start
        self._lease_seconds = lease_seconds

    def _read(self, files: Sequence[FileChange], on_progress: OnProgress | None) -> None:
        to_read = [file for file in files if file.action == "parse"]
        if not to_read:
            super()._read(files, on_progress)
            return
        # Links to stored documents are made before workers may find that nothing links to them.
        self._writer.store()
        queue = WorkQueue.begin(self._sql, to_read, self._lease_seconds)
        try:
            with self._start(queue.run) as crew:
                size = sum(file.size for file in to_read)
                self._await(queue, crew, len(files) - len(to_read), len(files), size, on_progress)
            for source, read, outcome in queue.outcomes():
                outcome.count(self._tally, source)
                self._tally.bytes_done += read
        finally:
            queue.end()

    @staticmethod
    def _await(
        queue: WorkQueue,
        crew: Crew,
        before: int,
        total: int,
        size: int,
        on_progress: OnProgress | None,
    ) -> None:
        """Wait until all files are done, and tell how far it is.

        Raises:
            CatalogError: no worker is left.
        """
        answered = time.monotonic()
        while True:
            left = crew.keep_up()
            clock = time.monotonic()
            try:
                found = queue.progress()
            except ConflictError:
                # Workers, too, wait for a standby that takes over.
                if clock - answered > _MOST_AWAY_SECONDS:
                    raise
                time.sleep(_LOOK_SECONDS)
                continue
            answered = time.monotonic()
            looking = answered - clock
            counts = found.counts
            if on_progress:
                on_progress(
                    Progress(
                        before + found.done,
                        total,
                        found.bytes_done,
                        size,
                        counts.chunks,
                        counts.source,
                        counts.collected,
                        counts.characters,
                    )
                )
            if before + found.done == total:
                return
            if not left:
                raise CatalogError(
                    f"All workers have ended; {before + found.done} of {total} files are done. "
                    + (found.error or "They left no word why."),
                    "What is done is kept; run it again to go on.",
                )
            time.sleep(min(max(_LOOK_SECONDS, looking / _SHARE), _MOST_SECONDS))
