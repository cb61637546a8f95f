"""Filters leave the same of a search table as of the catalog of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lance
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa import Filters
from aiqa.cluster.chunk_rows import ChunkRow, record_batch
from aiqa.cluster.filter_sql import search_condition
from aiqa.index import Index
from aiqa.index.sqlite_queries import DAY, JOINED
from aiqa.storage import IndexRecipe, StoredFile
from aiqa.types import Chunk, Document, Span
from aiqa.types.documents import Format

RECIPE = IndexRecipe("none", 2, 0, 0)
DAY_NS = 86_400 * 10**9

SOURCES = [
    "a.md", "b.md", "docs/a.md", "docs/b/c.md", "docs/b/c[1].md", "docs/b]c.md", "docs-old/a.md",
    "docs/b/ü é.md", "it's/50%_\\.md", "Docs/A.md", "x*y/q?.md", "line\nbreak/a.md", "-/^.md",
]  # fmt: skip
TITLES = ["Tide Tables", "the ÉCLAIR", "50% 'off'", "Straße", ""]
FORMATS: tuple[Format, ...] = ("markdown", "pdf", "html")
PUBLISHED = [None, "2024-03-15", "2023", "2024-03"]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Any]]:
    """An index of documents with one to three sources, and the search table of its chunks."""
    folder = tmp_path_factory.mktemp("filters")
    index = Index(folder / "index", lambda: RECIPE)
    with index.writing(), index.catalog.transaction() as changes:
        for number in range(len(SOURCES) * 2):
            add(changes, number)
    table = lance.write_dataset(record_batch(rows(index), 2), str(folder / "table.lance"))
    yield index, table
    index.close()


def add(changes: Any, number: int) -> None:
    text = f"Passage {number}."
    published = PUBLISHED[number % len(PUBLISHED)]
    title = TITLES[number % len(TITLES)]
    kind = FORMATS[number % len(FORMATS)]
    document = Document(f"{number:064}", "", kind, title, text, published=published)
    changes.put(document, 1)
    chunk = Chunk(document.id, "", title, kind, (), None, 0, len(text), text, (Span(0, len(text)),))
    changes.put_chunks(document.id, RECIPE, [chunk], np.eye(2, dtype=np.float32)[:1])
    for place in range(1 + number % 3):
        source = SOURCES[(number + 5 * place) % len(SOURCES)] + str(number // len(SOURCES)) * place
        source = f"{source}~{number}" if number >= len(SOURCES) else source
        collection = ("default", "staff", "o'brien")[(number + place) % 3]
        # Some files do not say when they were changed.
        changed = (number % 4) * (19_700 + 40 * place) * DAY_NS
        changes.file(StoredFile(source, collection, 1, changed, str(number), 1))
        changes.link(source, source, document.id)


def rows(index: Index) -> list[ChunkRow]:
    catalog = index.catalog
    made = []
    for chunk in catalog.chunks(catalog.keys().tolist()):
        places = catalog._db.rows(
            f"SELECT sources.source, collection, {DAY} FROM {JOINED} WHERE sources.document_id = ?",
            (chunk.document_id,),
        )
        sources, collections, days = zip(*places, strict=True)
        vector = np.zeros(2, dtype=np.float32).tobytes()
        made.append(
            ChunkRow(
                chunk.key, chunk.document_id, chunk.title, chunk.format, chunk.text,
                chunk.context, vector, sources, collections, days,
            )
        )  # fmt: skip
    return made


PATTERNS = st.one_of(
    st.sampled_from(SOURCES),
    st.sampled_from(
        ["*", "docs/*", "docs*", "*.md", "docs/b/*", "20*", "c*", "[!a]*", "", "Docs/*", "*/"]
    ),
    st.text("abcdoms/.*?[]^-1éü'\\", max_size=9),
)
DATES = st.sampled_from(["2023-01-01", "2023", "2024-03-15", "2024-03-14", "2024-03", "2024-02-29"])


def filters(
    patterns: st.SearchStrategy[str], dates: st.SearchStrategy[str]
) -> st.SearchStrategy[Filters]:
    return st.builds(
        Filters,
        sources=st.lists(patterns, max_size=2).map(tuple),
        title=st.none() | st.sampled_from(["tide", "É", "SS", "'off'", "", "%", "none"]),
        formats=st.lists(st.sampled_from(FORMATS), max_size=2).map(tuple),
        collections=st.lists(st.sampled_from(["default", "staff", "o'brien", "x"]), max_size=2).map(
            tuple
        ),
        since=st.none() | dates,
        until=st.none() | dates,
    )


def assert_same(both: tuple[Index, Any], asked: Filters) -> int:
    index, table = both
    here = {int(key) for key in index.catalog.matching(asked).keys}
    found = table.scanner(columns=["key"], filter=search_condition(asked)).to_table()
    assert set(found["key"].to_pylist()) == here, search_condition(asked)
    return len(here)


@given(asked=filters(PATTERNS, DATES))
def test_all_filters_together(both: tuple[Index, Any], asked: Filters) -> None:
    assert_same(both, asked)


@given(pattern=PATTERNS)
def test_source_patterns(both: tuple[Index, Any], pattern: str) -> None:
    assert_same(both, Filters(sources=(pattern,)))


def test_one_source_must_meet_all_conditions(both: tuple[Index, Any]) -> None:
    counts = [
        assert_same(both, Filters(sources=(source,), collections=(collection,), since=since))
        for source in SOURCES
        for collection in ("default", "staff", "o'brien")
        for since in (None, "2023-12-31")
    ]
    assert 0 in counts
    assert sum(counts) > 10


def test_filters_without_a_condition_are_none() -> None:
    assert search_condition(None) is None
    assert search_condition(Filters()) is None


def test_a_text_cannot_end_the_condition(both: tuple[Index, Any]) -> None:
    assert not assert_same(both, Filters(title="x') OR true OR contains(title, '"))
    assert not assert_same(both, Filters(collections=("x']) OR true --",)))
    assert not assert_same(both, Filters(sources=("x') OR true --",), collections=("default",)))
