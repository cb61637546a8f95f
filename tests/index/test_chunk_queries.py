"""Chunks by key: in order, below the source that was asked for, never damaged."""

from __future__ import annotations

import pytest

from aiqa.errors import CatalogError
from aiqa.index import Index
from aiqa.text.sentences import sentences
from aiqa.types import Filters
from tests.index.small import PLACES, TEXT, change


def test_chunks_come_in_the_order_of_their_keys_with_the_text_at_their_place(
    small_index: Index,
) -> None:
    keys = small_index.catalog.keys().tolist()
    (document,) = small_index.catalog.documents()
    chunks = small_index.catalog.chunks([keys[2], 999, keys[0], keys[1]])
    assert [chunk.key for chunk in chunks] == [keys[2], keys[0], keys[1]]
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert (chunk.title, chunk.section, chunk.page) == ("Tides", ("Ebb",), None)
        assert chunk.sentences == tuple(sentences(TEXT, chunk.start, chunk.end))


def test_chunks_come_under_a_source_that_fits_the_filters(small_index: Index) -> None:
    keys = small_index.catalog.keys().tolist()

    def sources(filters: Filters | None) -> set[str]:
        return {chunk.source for chunk in small_index.catalog.chunks(keys, filters)}

    assert sources(None) == {"a.txt"}
    assert sources(Filters(collections=("other",))) == {"b.txt"}
    assert sources(Filters(title="ebb")) == set()


def test_chunks_are_read_without_the_texts_of_their_documents(small_index: Index) -> None:
    # Text that cannot be decoded: any statement that reads the column fails.
    change(small_index, "UPDATE documents SET text = CAST(x'ff' AS TEXT)")
    keys = small_index.catalog.keys().tolist()
    assert [c.text for c in small_index.catalog.chunks(keys)] == [TEXT[a:b] for a, b in PLACES]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chunks SET text = 'A gull' WHERE number = 2",
        "UPDATE chunks SET start = start + 1 WHERE number = 2",
        "UPDATE chunks SET vector = zeroblob(8) WHERE number = 2",
        "UPDATE chunks SET sentences = '[[4, 5]]' WHERE number = 2",
    ],
)
def test_a_damaged_chunk_is_never_given_out(small_index: Index, statement: str) -> None:
    whole, damaged, _ = small_index.catalog.keys().tolist()
    change(small_index, statement)
    with pytest.raises(CatalogError, match=rf"assage {damaged} .*damaged") as error:
        small_index.catalog.chunks([whole, damaged])
    assert "aiqa doctor --repair" in error.value.remedy
    with pytest.raises(CatalogError, match=rf"passage {damaged} .*damaged"):
        list(small_index.catalog.vectors([whole, damaged]))
    assert small_index.check().lost == ("a.txt", "b.txt")
