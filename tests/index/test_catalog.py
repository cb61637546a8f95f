"""The catalog: chunks by key, and what is written to it within one transaction."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aiqa.checksums import content_id
from aiqa.documents import LOADER_VERSION
from aiqa.errors import CatalogError
from aiqa.index import Catalog, Index, IndexRecipe, StoredFile
from aiqa.ingestion.chunker import whole_chunk
from aiqa.text.sentences import sentences
from aiqa.types import Document, Failure, Filters, Span

RECIPE = IndexRecipe("none", 2, 0, 0)
TEXT = (
    "A \N{GRINNING FACE} tide. \N{MUSICAL SYMBOL G CLEF}\x00 e\N{COMBINING ACUTE ACCENT}bb. Flood"
)
PLACES = [(0, 9), (4, 16), (10, 22)]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index of one document of one text, under two sources."""
    index = Index(tmp_path / "index", lambda: RECIPE)
    document = Document(content_id(TEXT.encode()), "a.txt", "text", "Tides", TEXT)
    chunks = [
        replace(whole_chunk(document, Span(start, end)), section=("Ebb",)) for start, end in PLACES
    ]
    vectors = np.eye(3, 2, dtype=np.float32)
    with index.catalog.transaction() as changes:
        changes.put(document, LOADER_VERSION)
        changes.put_chunks(document.id, RECIPE, chunks, vectors)
        for source, collection in (("a.txt", "default"), ("b.txt", "other")):
            file = StoredFile(source, collection, len(TEXT), 0, document.id, LOADER_VERSION)
            changes.file(file)
            changes.link(source, source, document.id)
    index.refresh_snapshot()
    yield index
    index.close()


def change(index: Index, statement: str) -> None:
    """Change the file as nothing in aiqa would."""
    with sqlite3.connect(index.folder / "catalog.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def test_chunks_come_in_the_order_of_their_keys_with_the_text_at_their_place(index: Index) -> None:
    keys = index.catalog.keys().tolist()
    (document,) = index.catalog.documents()
    chunks = index.catalog.chunks([keys[2], 999, keys[0], keys[1]])
    assert [chunk.key for chunk in chunks] == [keys[2], keys[0], keys[1]]
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert (chunk.title, chunk.section, chunk.page) == ("Tides", ("Ebb",), None)
        assert chunk.sentences == tuple(sentences(TEXT, chunk.start, chunk.end))


def test_chunks_come_under_a_source_that_fits_the_filters(index: Index) -> None:
    keys = index.catalog.keys().tolist()

    def sources(filters: Filters | None) -> set[str]:
        return {chunk.source for chunk in index.catalog.chunks(keys, filters)}

    assert sources(None) == {"a.txt"}
    assert sources(Filters(collections=("other",))) == {"b.txt"}
    assert sources(Filters(title="ebb")) == set()


def test_chunks_are_read_without_the_texts_of_their_documents(index: Index) -> None:
    # Text that cannot be decoded: any statement that reads the column fails.
    change(index, "UPDATE documents SET text = CAST(x'ff' AS TEXT)")
    keys = index.catalog.keys().tolist()
    assert [c.text for c in index.catalog.chunks(keys)] == [TEXT[a:b] for a, b in PLACES]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chunks SET text = 'A gull' WHERE key = 2",
        "UPDATE chunks SET start = start + 1 WHERE key = 2",
        "UPDATE chunks SET vector = zeroblob(8) WHERE key = 2",
        "UPDATE chunks SET sentences = '[[4, 5]]' WHERE key = 2",
    ],
)
def test_a_damaged_chunk_is_never_given_out(index: Index, statement: str) -> None:
    change(index, statement)
    with pytest.raises(CatalogError, match=r"assage 2 .*damaged") as error:
        index.catalog.chunks([1, 2])
    assert "aiqa doctor --repair" in error.value.remedy
    with pytest.raises(CatalogError, match=r"passage 2 .*damaged"):
        list(index.catalog.vectors([1, 2]))
    assert index.check().lost == ("a.txt", "b.txt")


def test_a_document_and_its_chunks_must_agree(index: Index) -> None:
    (document,) = index.catalog.documents()
    other = Document(document.id, "a.txt", "text", "Tides", TEXT.upper())
    with index.catalog.transaction() as changes:
        changes.put(other, LOADER_VERSION)
    index.refresh_snapshot()
    assert index.check().lost == ("a.txt", "b.txt")


def test_sources_given_one_by_one_are_removed_with_their_failures(index: Index) -> None:
    with index.catalog.transaction() as changes:
        changes.record_failure(Failure("a.txt", "The second page cannot be read."), "a.txt")
        changes.remove_sources(source for source in ["a.txt"])
    assert list(index.catalog.sources()) == ["b.txt"]
    assert index.catalog.failures() == ()


def test_a_damaged_file_is_explained_with_the_command_that_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    path.write_bytes(b"no database, but long enough to be looked at as one" * 100)
    with pytest.raises(CatalogError, match=r"catalog.sqlite3 cannot be used") as error:
        Catalog(path)
    assert "`aiqa doctor --repair`" in error.value.remedy


@pytest.mark.parametrize("table", ["documents", "chunks"])
def test_mending_forgets_a_damaged_document_so_that_it_is_read_again(
    index: Index, table: str
) -> None:
    change(index, f"UPDATE {table} SET text = upper(text)")
    with pytest.raises(CatalogError, match="damaged") as error:
        _ = list(index.catalog.documents()), index.catalog.chunks([1, 2, 3])
    assert "`aiqa doctor --repair`" in error.value.remedy
    index.repair()
    assert not index.catalog.files()
    assert not index.check().lost
