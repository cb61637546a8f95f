"""What is written to the catalog within one transaction."""

from __future__ import annotations

from aiqa.index import Index
from aiqa.types import Failure


def test_sources_given_one_by_one_are_removed_with_their_failures(small_index: Index) -> None:
    with small_index.catalog.transaction() as changes:
        changes.record_failure(Failure("a.txt", "The second page cannot be read."), "a.txt")
        changes.remove_sources(source for source in ["a.txt"])
    assert [source for source, _ in small_index.catalog.all_sources()] == ["b.txt"]
    assert small_index.catalog.failures() == ()
