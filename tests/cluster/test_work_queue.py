"""The work queue on a real PostgreSQL: every file is held by one worker, and none is lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest

from aiqa.cluster.cluster_address import ClusterAddress
from aiqa.cluster.postgres import Postgres
from aiqa.cluster.work_queue import (
    SCHEMA,
    Counts,
    Sql,
    TakenOverError,
    WorkItem,
    WorkOutcome,
    WorkQueue,
)
from aiqa.ingestion.change_detection import FileChange
from aiqa.ingestion.report import IngestTally
from aiqa.types import Change, Failure

LEASE = 0.3
NOTHING = WorkOutcome(None, (), without=False)


def files(count: int) -> list[FileChange]:
    return [
        FileChange(f"docs/{n}.md", Path(f"/docs/{n}.md"), "default", "parse", 10 + n, 5)
        for n in range(count)
    ]


@pytest.fixture
def sql(postgres: str) -> Iterator[Sql]:
    database = Postgres(ClusterAddress.parse(f"{postgres}?lance=memory"))
    with database.transaction() as connection:
        for statement in SCHEMA:
            connection.rows(statement)
    yield database.rows
    database.close()


@pytest.fixture
def queue(sql: Sql) -> Iterator[WorkQueue]:
    queue = WorkQueue.begin(sql, files(40), LEASE)
    yield queue
    queue.end()


def finish(queue: WorkQueue, sql: Sql, worker: str, items: list[WorkItem]) -> None:
    for item in items:
        queue.finish(sql, worker, item, NOTHING)


def test_workers_at_once_claim_every_file_once(queue: WorkQueue, sql: Sql) -> None:
    def work(worker: str) -> list[int]:
        queue.join(worker)
        claimed = []
        while items := queue.claim(worker, 3):
            claimed += [item.number for item in items]
            finish(queue, sql, worker, items)
        return claimed

    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(work, "abcd"))
    assert sorted(chain(*shares)) == list(range(40))
    assert all(share == sorted(share) for share in shares)
    assert queue.is_done()


def test_a_silent_workers_files_are_taken_over_and_its_record_fails(
    queue: WorkQueue, sql: Sql
) -> None:
    queue.join("silent")
    queue.join("lively")
    held = queue.claim("silent", 40)
    assert len(held) == 40
    assert not queue.claim("lively", 40)
    assert not queue.claim("lively", 40, tried=True)
    time.sleep(LEASE)
    queue.join("lively")
    assert not queue.claim("lively", 40)  # these may have ended a worker
    (taken,) = queue.claim("lively", 1, tried=True)
    assert (taken.number, taken.tries) == (0, 2)
    with pytest.raises(TakenOverError, match=r"docs/0\.md"):
        queue.finish(sql, "silent", held[0], NOTHING)
    queue.finish(sql, "lively", taken, NOTHING)
    # What nobody has taken over yet is still its own.
    queue.finish(sql, "silent", held[1], NOTHING)
    assert queue.progress().done == 2


def test_a_worker_that_shows_itself_keeps_what_it_holds(queue: WorkQueue) -> None:
    queue.join("slow")
    queue.claim("slow", 40)
    for _ in range(4):
        time.sleep(LEASE / 2)
        queue.join("slow", Counts("docs/0.md", 3, 4, 500))
    assert not queue.claim("other", 1, tried=True)
    assert queue.progress().counts == Counts("docs/0.md", 3, 4, 500)


def test_what_is_given_back_counts_as_never_claimed(queue: WorkQueue) -> None:
    queue.join("one")
    queue.claim("one", 40)
    queue.leave("one", "The disk is full.")
    assert [item.tries for item in queue.claim("two", 40)] == [1] * 40
    assert queue.progress().error == "The disk is full."


def test_an_ended_run_takes_nothing_more(sql: Sql) -> None:
    queue = WorkQueue.begin(sql, files(1), LEASE)
    queue.join("one")
    (item,) = queue.claim("one", 1)
    WorkQueue.begin(sql, files(2), LEASE).end()
    with pytest.raises(TakenOverError):
        queue.finish(sql, "one", item, NOTHING)
    with pytest.raises(TakenOverError):
        queue.join("one")
    assert queue.is_done()


def test_outcomes_come_back_as_they_were_counted(sql: Sql) -> None:
    odd = os.fsdecode(b"/docs/caf\xe9.zip")
    file = FileChange("docs/caf\ufffd.zip", Path(odd), "notes", "parse", 7, 2**62)
    queue = WorkQueue.begin(sql, [file], LEASE)
    queue.join("one")
    (item,) = queue.claim("one", 1)
    assert item.file == file
    tally = IngestTally(
        {file.source: Change(file.source, "updated")}, [Failure(f"{file.source}/a", "Odd: 'ß'.")]
    )
    queue.finish(sql, "one", item, WorkOutcome.of(tally, file.source))
    again = IngestTally()
    ((source, size, outcome),) = queue.outcomes()
    outcome.count(again, source)
    queue.end()
    assert (again, size) == (tally, 7)
