"""The search tables find what the index of one machine finds, whatever was published before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest
from eval.benchmarks.generated_index import document, questions
from eval.benchmarks.vectors import drawn

from aiqa import Filters
from aiqa.cluster import vector_lists
from aiqa.cluster.chunk_rows import ChunkRow
from aiqa.cluster.lance_search import LanceSearch
from aiqa.cluster.lance_tables import LanceTables
from aiqa.cluster.published import Published
from aiqa.errors import CatalogError
from aiqa.index.bm25 import LexicalIndex
from aiqa.types import Chunk

DOCUMENTS = 20
DIMENSIONS = 384
NAME = "tables"

QUESTIONS = [
    *questions(DOCUMENTS, 12),
    "Report 7, part 3",
    # Misspelt: a letter is missing, is added, is another one, or two are swapped.
    *("Reort 7", "Reporrt", "Repqrt of the Pxrt", "Rpeort", "erport 11", "Repotr and the"),
    "the of and",
    "no such wordwhatever",
    "?",
]


def generated(numbers: Iterable[int]) -> list[Chunk]:
    """The passages of generated documents, with keys that are not in their order."""
    chunks = [chunk for number in numbers for chunk in document(number)[1]]
    return [replace(chunk, key=key_of(chunk)) for chunk in chunks]


def key_of(chunk: Chunk) -> int:
    return (int(chunk.document_id[:10], 16) << 20) + chunk.start


CHUNKS = generated(range(DOCUMENTS))
KEYS = np.array([chunk.key for chunk in CHUNKS])
VECTORS = drawn(len(CHUNKS), seed=1)
QUESTION_VECTORS = drawn(20, seed=3)
ROWS = [
    ChunkRow(
        chunk.key, chunk.document_id, chunk.title, chunk.format, chunk.text, chunk.context,
        vector.tobytes(), [chunk.source], ["default"], ["2024-05-01"],
    )
    for chunk, vector in zip(CHUNKS, VECTORS, strict=True)
]  # fmt: skip
HALF = len(CHUNKS) // 2


def assert_same(
    search: LanceSearch, chunks: Sequence[Chunk], asked: Sequence[str] = QUESTIONS
) -> None:
    """The lexical search finds what an index of ``chunks`` made anew finds."""
    here = LexicalIndex.build(chunks, None)
    found = 0
    for question in asked:
        for k in (1, 7, 30):
            expected = here.search(question, k)
            hits = search.lexical(question, k)
            assert [key for key, _ in hits] == [key for key, _ in expected], question
            assert [score for _, score in hits] == pytest.approx(
                [score for _, score in expected], rel=2e-6
            )
            found += len(hits)
        some = [chunk.key for chunk in chunks[::9]]
        scores = search.lexical_scores(question, some)
        assert scores == pytest.approx(dict(here.search(question, len(some), some)), rel=2e-6)
    assert found > 10 * len(asked)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> LanceSearch:
    return searched(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> LanceSearch:
    return searched(tmp_path_factory.mktemp("three"), shards=3)


def searched(folder: Path, shards: int = 1) -> LanceSearch:
    """The search of all generated passages."""
    tables = LanceTables(str(folder), shards)
    return tables.search(NAME, tables.publish(NAME, DIMENSIONS, None, [], ROWS), 5)


@pytest.fixture(params=["one", "three"])
def search(request: pytest.FixtureRequest) -> LanceSearch:
    found: LanceSearch = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def tables(tmp_path: Path) -> LanceTables:
    return LanceTables(str(tmp_path))


def test_bm25_is_that_of_one_machine(search: LanceSearch) -> None:
    assert_same(search, CHUNKS)


def test_filters_leave_the_best_of_what_they_allow(search: LanceSearch) -> None:
    here = LexicalIndex.build(CHUNKS, None)
    allowed = [chunk.key for chunk in CHUNKS if chunk.source.startswith("reports/3/")]
    filters = Filters(sources=("reports/3/*",))
    for question in QUESTIONS:
        expected = here.search(question, 9, allowed)
        assert [key for key, _ in search.lexical(question, 9, filters)] == [k for k, _ in expected]
    assert search.any_matches(filters)
    assert not search.any_matches(Filters(sources=("reports/none/*",)))
    assert not search.lexical(QUESTIONS[0], 9, Filters(title="no such title"))


def test_the_nearest_are_found_with_exact_cosines(search: LanceSearch) -> None:
    is_allowed = np.array([chunk.source.startswith("reports/3/") for chunk in CHUNKS])
    for question in QUESTION_VECTORS[:5]:
        cosines = VECTORS @ question
        order = np.lexsort((KEYS, -cosines))
        hits = search.nearest(question, 10)
        assert [key for key, _ in hits] == KEYS[order[:10]].tolist()
        assert [score for _, score in hits] == pytest.approx(cosines[order[:10]], abs=1e-6)
        assert search.cosines(question, KEYS[:4].tolist()) == pytest.approx(
            dict(zip(KEYS[:4].tolist(), cosines[:4], strict=True)), abs=1e-6
        )
        left = order[is_allowed[order]][:10]
        filtered = search.nearest(question, 10, Filters(sources=("reports/3/*",)))
        assert [key for key, _ in filtered] == KEYS[left].tolist()


def test_lists_of_vectors_find_nearly_all(
    tables: LanceTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_lists, "_INDEXED_FROM", HALF)
    published = tables.optimize(NAME, tables.publish(NAME, DIMENSIONS, None, [], ROWS))
    assert Published.parse(published).probes != (0,)
    search = tables.search(NAME, published, 1)
    shared = 0
    for question in QUESTION_VECTORS:
        cosines = VECTORS @ question
        nearest = set(KEYS[np.argsort(-cosines)[:20]].tolist())
        hits = dict(search.nearest(question, 20))
        shared += len(nearest & hits.keys())
        assert hits == pytest.approx(search.cosines(question, list(hits)), abs=1e-6)
    assert shared >= 0.99 * 20 * 20


def test_what_follows_is_searched_with_the_statistics_of_what_is_left(tables: LanceTables) -> None:
    first = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF])
    gone = [chunk.key for chunk in CHUNKS[:60]]
    second = tables.publish(NAME, DIMENSIONS, first, [*gone, 12345], [*ROWS[:40], *ROWS[HALF:]])
    assert_same(tables.search(NAME, second, 2), [*CHUNKS[:40], *CHUNKS[60:]])
    compact = tables.optimize(NAME, second)
    assert_same(tables.search(NAME, compact, 2), [*CHUNKS[:40], *CHUNKS[60:]])
    # Whoever reads an earlier generation goes on to find all of it.
    assert_same(tables.search(NAME, first, 1), CHUNKS[:HALF])


def test_nothing_published_is_nothing_found(tables: LanceTables) -> None:
    empty = tables.publish(NAME, DIMENSIONS, None, [], [])
    search = tables.search(NAME, empty, 1)
    assert search.lexical(QUESTIONS[0], 5) == []
    assert search.lexical_scores(QUESTIONS[0], [1]) == {}
    assert search.nearest(VECTORS[0], 5) == []
    assert search.cosines(VECTORS[0], [1]) == {}
    assert not search.any_matches(Filters())
    full = tables.publish(NAME, DIMENSIONS, empty, [], ROWS[:HALF])
    again = tables.publish(NAME, DIMENSIONS, full, [row.key for row in ROWS[:HALF]], [])
    assert Published.parse(again).chunks == 0
    assert tables.search(NAME, again, 2).lexical(QUESTIONS[0], 5) == []


def test_what_a_killed_publisher_left_is_undone(tables: LanceTables) -> None:
    first = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF])
    # It was killed before the publication was recorded, another amid its rows.
    tables.publish(NAME, DIMENSIONS, first, [row.key for row in ROWS[:50]], ROWS[HALF:])

    def killed() -> Iterator[ChunkRow]:
        yield from ROWS[HALF : HALF + 20]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables.publish(NAME, DIMENSIONS, first, [ROWS[60].key], killed())
    assert_same(tables.search(NAME, first, 1), CHUNKS[:HALF])
    second = tables.publish(NAME, DIMENSIONS, first, [], ROWS[HALF:])
    assert Published.parse(second).chunks == len(ROWS)
    assert_same(tables.search(NAME, second, 2), CHUNKS)


def test_a_publisher_notices_another(tables: LanceTables) -> None:
    first = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF])

    def slow() -> Iterator[ChunkRow]:
        yield ROWS[HALF]
        # Meanwhile it loses its lock without notice, and the next one publishes.
        tables.publish(NAME, DIMENSIONS, first, [], ROWS[HALF:])

    with pytest.raises(CatalogError, match="Another process"):
        tables.publish(NAME, DIMENSIONS, first, [], slow())


def test_only_versions_that_are_kept_stay(tables: LanceTables, tmp_path: Path) -> None:
    first = tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF])
    second = tables.publish(NAME, DIMENSIONS, first, [row.key for row in ROWS[:HALF]], ROWS[HALF:])
    third = tables.optimize(NAME, second)
    assert tables.sweep(NAME, [second, third]) > 0
    with pytest.raises(CatalogError, match="cannot be read"):
        tables.search(NAME, first, 1).lexical(QUESTIONS[0], 5)
    for kept in (second, third):
        assert_same(tables.search(NAME, kept, 2), CHUNKS[HALF:])
    before = size(tmp_path)
    assert tables.sweep(NAME, [third]) > 0
    assert size(tmp_path) < before
    assert_same(tables.search(NAME, third, 3), CHUNKS[HALF:])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "ask",
    [
        lambda search: search.nearest(VECTORS[0], 3),
        lambda search: search.lexical("Report 7", 3),
        lambda search: search.any_matches(Filters(title="report")),
    ],
)
def test_tables_that_are_gone_are_told_of(
    tables: LanceTables, tmp_path: Path, ask: Callable[[LanceSearch], object]
) -> None:
    search = tables.search(NAME, tables.publish(NAME, DIMENSIONS, None, [], ROWS[:HALF]), 1)
    rmtree(tmp_path / NAME / "chunks-0.lance")
    with pytest.raises(CatalogError, match="cannot be read"):
        ask(search)
