"""Search tables in an object store, and which stores are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa import Filters
from aiqa.cluster.lance_tables import LanceTables
from aiqa.cluster.object_store import folders, require_conditional_puts
from aiqa.cluster.published import Published
from aiqa.errors import CatalogError
from tests.cluster.s3_server import careless_s3
from tests.cluster.test_lance_search import (
    CHUNKS,
    DIMENSIONS,
    HALF,
    KEYS,
    NAME,
    QUESTIONS,
    ROWS,
    VECTORS,
    assert_same,
)


def test_tables_in_a_bucket_are_published_and_searched(object_store: str) -> None:
    tables = LanceTables(f"{object_store}/tables")
    first = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF])
    tables.publish(NAME, DIMENSIONS, first, [], ROWS[HALF : HALF + 9])  # and is not recorded
    second = tables.publish(NAME, DIMENSIONS, first, KEYS[:40], ROWS[HALF:])
    third = tables.optimize(NAME, second)
    assert tables.sweep(NAME, [second, third]) > 0
    search = tables.search(NAME, third, 3)
    assert_same(search, CHUNKS[40:], QUESTIONS[::5])
    (key, cosine), *_ = search.nearest(VECTORS[50], 3, Filters(formats=("markdown",)))
    assert key == KEYS[50]
    assert cosine == pytest.approx(1)


def test_tables_of_other_names_are_dropped(object_store: str, tmp_path: Path) -> None:
    for address in (f"{object_store}/several", str(tmp_path / "several")):
        tables = LanceTables(address)
        kept = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:9])
        tables.publish(f"{NAME}-2", DIMENSIONS, None, [], ROWS[:9])
        assert tables.drop_others({NAME, f"{NAME}-2"}) == 0
        assert tables.drop_others({NAME}) > 0
        assert folders(address) == [NAME]
        assert len(tables.search(NAME, kept, 1).nearest(VECTORS[0], 20)) == 9
    # What is no table stays.
    (tmp_path / "several" / "notes").mkdir()
    (tmp_path / "several" / "notes" / "a.txt").write_text("kept", "utf-8")
    assert tables.drop_others({NAME}) == 0
    assert (tmp_path / "several" / "notes" / "a.txt").exists()


def test_stores_that_keep_writers_apart_are_accepted(object_store: str, tmp_path: Path) -> None:
    require_conditional_puts(f"{object_store}/probed")
    require_conditional_puts(str(tmp_path / "probed"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_store_that_lets_several_writers_win_is_refused() -> None:
    with careless_s3() as address, pytest.raises(CatalogError, match="8 of 8 created the same"):
        require_conditional_puts(address)


def test_a_store_that_cannot_be_written_is_told_of(object_store: str) -> None:
    assert object_store
    with pytest.raises(CatalogError, match="cannot be used"):
        require_conditional_puts("s3://no-such-bucket/tables")


def test_tables_that_are_not_there_are_told_of(object_store: str) -> None:
    tables = LanceTables(f"{object_store}/none")
    published = Published((1,), 1, 1, 1, 1, (0,)).stored
    with pytest.raises(CatalogError, match="cannot be read"):
        tables.search(NAME, published, 1)
