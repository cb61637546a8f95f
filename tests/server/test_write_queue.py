"""Changes of the index: one at a time, small ones first, and while a large one pauses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event

import pytest

from aiqa.server.write_queue import WriteQueue


@pytest.fixture
def writes() -> Iterator[WriteQueue]:
    writes = WriteQueue()
    yield writes
    writes.stop(10)


def test_the_smallest_that_waits_comes_first(writes: WriteQueue) -> None:
    held, done = Event(), list[int]()
    writes.submit(0, held.wait)
    changes = [writes.submit(size, partial(done.append, size)) for size in (3, 1, 2)]
    held.set()
    for change in changes:
        change.result(10)
    assert done == [1, 2, 3]


def test_a_large_change_gives_way_to_smaller_ones_only(writes: WriteQueue) -> None:
    begun, waiting, done = Event(), Event(), list[str]()

    def large() -> None:
        begun.set()
        waiting.wait(10)
        writes.give_way()
        done.append("large")

    changes = [writes.submit(10, large)]
    assert begun.wait(10)
    for size, name in ((20, "larger"), (5, "small"), (1, "smaller")):
        changes.append(writes.submit(size, partial(done.append, name)))
    waiting.set()
    for change in changes:
        change.result(10)
    assert done == ["smaller", "small", "large", "larger"]


def test_an_error_is_raised_where_the_outcome_is_waited_for(writes: WriteQueue) -> None:
    failed = writes.submit(1, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failed.result(10)
    assert writes.submit(1, lambda: "next").result(10) == "next"


def test_what_waits_at_the_end_is_dropped(writes: WriteQueue) -> None:
    begun, ended = Event(), Event()

    def running() -> bool:
        begun.set()
        while not writes.is_stopped:
            ended.wait(0.01)
        return True

    runs, waits = writes.submit(1, running), writes.submit(2, lambda: None)
    assert begun.wait(10)
    writes.stop(10)
    assert runs.result(10)
    assert waits.cancelled()
    assert writes.submit(1, lambda: None).cancelled()
