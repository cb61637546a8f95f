"""Files to read, handed out to workers: each is held by one, and taken over if that one ends.

The tables are PostgreSQL's, and times are those of its clock. A worker shows now and then that it
is alive; what a silent one holds may be claimed by others. The worker's own record of it then
fails, and with it the transaction that was to store the file's documents.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import starmap
from pathlib import Path
from typing import Any, Self

from aiqa.errors import CatalogError
from aiqa.ingestion.change_detection import FileChange
from aiqa.ingestion.report import IngestTally
from aiqa.types import Change, Failure

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS work_runs (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        begun timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS work_workers (
        run bigint NOT NULL REFERENCES work_runs ON DELETE CASCADE,
        worker text NOT NULL,
        seen timestamptz NOT NULL,
        source text NOT NULL,
        chunks bigint NOT NULL,
        collected bigint NOT NULL,
        characters bigint NOT NULL,
        error text,
        PRIMARY KEY (run, worker)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS work_items (
        run bigint NOT NULL REFERENCES work_runs ON DELETE CASCADE,
        number bigint NOT NULL,
        source text NOT NULL,
        path bytea NOT NULL,
        collection text NOT NULL,
        size bigint NOT NULL,
        mtime_ns bigint NOT NULL,
        worker text,
        tries integer NOT NULL DEFAULT 0,
        outcome jsonb,
        PRIMARY KEY (run, number)
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS work_items_open ON work_items (run, number) WHERE outcome IS NULL
    """,
)
"""The tables, if they are missing; an item without an outcome waits or, with a worker, is held."""

_AT_ONCE = 5000
"""Items sent to the database in one statement."""

Sql = Callable[..., list[Any]]
"""Runs an SQL statement with named values and returns its rows; see ``Postgres.rows``."""


class TakenOverError(CatalogError):
    """A file was given to another worker, or its ingest was ended; nothing of it was stored."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A file to read; ``tries`` counts how often it was claimed."""

    number: int
    file: FileChange
    tries: int


@dataclass(frozen=True, slots=True)
class WorkOutcome:
    """What became of a file: as an ``IngestTally`` counts it."""

    change: str | None
    failures: tuple[tuple[str, str], ...]
    without: bool

    @classmethod
    def of(cls, tally: IngestTally, source: str) -> Self:
        """Return what ``tally`` has counted of the one file ``source``."""
        change = tally.changes.get(source)
        failures = tuple((failure.source, failure.error) for failure in tally.failures)
        return cls(change.what if change else None, failures, source in tally.without)

    def count(self, tally: IngestTally, source: str) -> None:
        """Add what became of ``source`` to ``tally``."""
        if self.change:
            tally.changes[source] = Change(source, self.change)  # type: ignore[arg-type]
        tally.failures.extend(starmap(Failure, self.failures))
        if self.without:
            tally.without.add(source)


@dataclass(frozen=True, slots=True)
class Counts:
    """What one worker, or all together, did so far; ``source`` is the file that was read last."""

    source: str = ""
    chunks: int = 0
    collected: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far a run is: its files and bytes done, what its workers did, and why one ended."""

    done: int
    bytes_done: int
    counts: Counts
    error: str | None


class WorkQueue:
    """The files of one ingest, ``run``; ``lease_seconds`` is how long a worker may be silent."""

    def __init__(self, sql: Sql, run: int, lease_seconds: float) -> None:
        self._sql = sql
        self.run = run
        self.lease_seconds = lease_seconds

    @classmethod
    def begin(cls, sql: Sql, files: Sequence[FileChange], lease_seconds: float) -> Self:
        """Make a queue of ``files``, and delete those that earlier ingests have left behind.

        Whoever calls it holds the write lock of the index: no other ingest has a queue.
        """
        sql("DELETE FROM work_runs")
        ((run,),) = sql("INSERT INTO work_runs DEFAULT VALUES RETURNING id")
        for start in range(0, len(files), _AT_ONCE):
            rows = [
                {
                    "number": number,
                    "source": file.source,
                    "path": os.fsencode(file.path).hex(),
                    "collection": file.collection,
                    "size": file.size,
                    "mtime_ns": file.mtime_ns,
                }
                for number, file in enumerate(files[start : start + _AT_ONCE], start)
            ]
            sql(
                "INSERT INTO work_items (run, number, source, path, collection, size, mtime_ns) "
                "SELECT CAST(:run AS bigint), number, source, decode(path, 'hex'), collection, "
                "size, mtime_ns FROM json_to_recordset(CAST(:rows AS json)) AS item (number "
                "bigint, source text, path text, collection text, size bigint, mtime_ns bigint)",
                run=run,
                rows=json.dumps(rows),
            )
        return cls(sql, int(run), lease_seconds)

    def end(self) -> None:
        """Delete the run: workers that still hold files of it store nothing more."""
        self._sql("DELETE FROM work_runs WHERE id = :run", run=self.run)

    def join(self, worker: str, counts: Counts = Counts()) -> None:
        """Show that ``worker`` is alive, and what it did so far.

        Raises:
            TakenOverError: the ingest was ended.
        """
        rows = self._sql(
            "INSERT INTO work_workers (run, worker, seen, source, chunks, collected, characters) "
            "SELECT id, :worker, clock_timestamp(), :source, CAST(:chunks AS bigint), "
            "CAST(:collected AS bigint), CAST(:characters AS bigint) "
            "FROM work_runs WHERE id = :run "
            "ON CONFLICT (run, worker) DO UPDATE SET seen = excluded.seen, "
            "source = excluded.source, chunks = excluded.chunks, "
            "collected = excluded.collected, characters = excluded.characters RETURNING 1",
            run=self.run,
            worker=worker,
            **asdict(counts),
        )
        if not rows:
            raise TakenOverError("This ingest was ended by whoever began it.")

    def claim(self, worker: str, most: int, *, tried: bool = False) -> list[WorkItem]:
        """Give ``worker`` up to ``most`` files that wait, or whose worker is silent, in order.

        ``tried`` tells which: those that nobody claimed before, or those that somebody did.
        """
        rows = self._sql(
            "WITH chosen AS (SELECT run, number FROM work_items item "
            f"WHERE run = :run AND outcome IS NULL AND tries {'>' if tried else '='} 0 "
            "AND (worker IS NULL OR NOT EXISTS "
            "(SELECT 1 FROM work_workers holder WHERE holder.run = item.run "
            "AND holder.worker = item.worker AND holder.seen > "
            "clock_timestamp() - make_interval(secs => CAST(:lease AS double precision)))) "
            "ORDER BY number LIMIT :most FOR UPDATE SKIP LOCKED) "
            "UPDATE work_items item SET worker = :worker, tries = tries + 1 FROM chosen "
            "WHERE item.run = chosen.run AND item.number = chosen.number "
            "RETURNING item.number, source, path, collection, size, mtime_ns, tries",
            run=self.run,
            lease=self.lease_seconds,
            most=most,
            worker=worker,
        )
        return sorted(starmap(_item, rows), key=lambda item: item.number)

    def give_back(self, worker: str) -> None:
        """Let others claim what ``worker`` holds, as if it had never been claimed."""
        self._sql(
            "UPDATE work_items SET worker = NULL, tries = tries - 1 "
            "WHERE run = :run AND worker = :worker AND outcome IS NULL",
            run=self.run,
            worker=worker,
        )

    def leave(self, worker: str, error: str | None) -> None:
        """Give back what ``worker`` holds, and tell the ``error`` that it ends with."""
        self.give_back(worker)
        self._sql(
            "UPDATE work_workers SET error = :error WHERE run = :run AND worker = :worker",
            run=self.run,
            worker=worker,
            error=error,
        )

    def finish(self, sql: Sql, worker: str, item: WorkItem, outcome: WorkOutcome) -> None:
        """Record the outcome of ``item`` in the transaction that ``sql`` is of.

        Raises:
            TakenOverError: ``worker`` does not hold it any more.
        """
        rows = sql(
            "UPDATE work_items SET outcome = CAST(:outcome AS jsonb) WHERE run = :run "
            "AND number = :number AND worker = :worker AND outcome IS NULL RETURNING 1",
            run=self.run,
            number=item.number,
            worker=worker,
            outcome=json.dumps(asdict(outcome)),
        )
        if not rows:
            raise TakenOverError(f"{item.file.source} was given to another worker.")

    def is_done(self) -> bool:
        """Tell whether every file of the run has an outcome, or the run was ended."""
        return not self._sql(
            "SELECT 1 FROM work_items WHERE run = :run AND outcome IS NULL LIMIT 1", run=self.run
        )

    def progress(self) -> WorkProgress:
        """Return how far the run is."""
        ((done, size),) = self._sql(
            "SELECT count(*), coalesce(sum(size), 0) FROM work_items "
            "WHERE run = :run AND outcome IS NOT NULL",
            run=self.run,
        )
        ((chunks, collected, characters, error, source),) = self._sql(
            "SELECT coalesce(sum(chunks), 0), coalesce(sum(collected), 0), "
            "coalesce(sum(characters), 0), max(error), "
            "(array_agg(source ORDER BY seen DESC) FILTER (WHERE source <> ''))[1] "
            "FROM work_workers WHERE run = :run",
            run=self.run,
        )
        counts = Counts(source or "", int(chunks), int(collected), int(characters))
        return WorkProgress(int(done), int(size), counts, error)

    def outcomes(self) -> Iterator[tuple[str, int, WorkOutcome]]:
        """Yield source, size and outcome of every file that is done, in order."""
        after = -1
        while rows := self._sql(
            "SELECT number, source, size, CAST(outcome AS text) FROM work_items WHERE run = :run "
            "AND outcome IS NOT NULL AND number > :after ORDER BY number LIMIT :most",
            run=self.run,
            after=after,
            most=_AT_ONCE,
        ):
            for after, source, size, text in rows:  # noqa: B007  # the last one is gone on from
                fields = json.loads(text)
                failures = tuple((name, error) for name, error in fields["failures"])
                yield source, int(size), WorkOutcome(fields["change"], failures, fields["without"])


def _item(
    number: int, source: str, path: bytes, collection: str, size: int, mtime_ns: int, tries: int
) -> WorkItem:
    place = Path(os.fsdecode(path))
    return WorkItem(number, FileChange(source, place, collection, "parse", size, mtime_ns), tries)
