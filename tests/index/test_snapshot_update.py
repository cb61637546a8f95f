"""A small change to an index writes little, and is found like everything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from eval.benchmarks.hashing import HashEmbedder
from eval.benchmarks.texts import write_tree

from aiqa import Assistant, Settings
from aiqa.index.vectors import VectorIndex
from tests.index.inspection import derived

_QUESTION = "Which number is the report on robots filed under?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tree(tmp_path / "docs", files=30, size=2000)
    return tmp_path


@pytest.fixture
def growing(folder: Path) -> Iterator[Assistant]:
    with Assistant(folder / "index", Settings.load(), HashEmbedder()) as assistant:
        assistant.ingest(folder / "docs")
        yield assistant


def found(assistant: Assistant, question: str = _QUESTION) -> list[tuple[str, int, float]]:
    hits = assistant.search(question, k=8)
    return [(hit.chunk.source, hit.chunk.start, round(hit.score, 6)) for hit in hits]


def change(docs: Path) -> None:
    (docs / "0000" / "07.md").unlink()
    (docs / "0000" / "08.md").write_text("# Eight\n\nThe eighth report is on cranes.\n", "utf-8")
    (docs / "0000" / "90.md").write_text(f"# Extra\n\n{_QUESTION}\n", "utf-8")


def test_an_index_that_was_changed_finds_what_a_new_one_finds(
    folder: Path, growing: Assistant
) -> None:
    before = (derived(folder / "index") / "vectors.faiss").stat().st_ino
    change(folder / "docs")
    report = growing.ingest(folder / "docs")
    assert (report.added, report.updated, report.removed) == (1, 1, 1)
    assert (derived(folder / "index") / "vectors.faiss").stat().st_ino == before
    assert not growing.check().problems
    assert growing.check().recall == 1
    with Assistant(folder / "new", Settings.load(), HashEmbedder()) as fresh:
        fresh.ingest(folder / "docs")
        for question in (_QUESTION, "Which report is on cranes?"):
            assert found(growing, question) == found(fresh, question)


def test_many_changes_are_written_into_the_vector_index(
    folder: Path, growing: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.index.snapshot_update._MOST_APART", 1)
    change(folder / "docs")
    growing.ingest(folder / "docs")
    chunks = growing.status().chunks
    place = derived(folder / "index")
    assert len(VectorIndex.load(place / "vectors.faiss").keys()) == chunks
    assert found(growing)[0][0] == "docs/0000/90.md"
    assert growing.check().recall == 1


def test_removed_passages_of_a_large_index_are_not_found_by_their_words(
    folder: Path, growing: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.index.snapshot_update.EXACT_STATISTICS_UP_TO", 0)
    change(folder / "docs")
    growing.ingest(folder / "docs")
    snapshot = growing.store.index.snapshot()
    documents = growing.documents()
    held = {chunk.key for document in documents for chunk in growing.chunks(document.id)}
    assert {key for key, _ in snapshot.lexical(_QUESTION, 500)} <= held
    cranes, *_ = snapshot.lexical("cranes", 5)
    assert growing.store.index.catalog.chunks([cranes[0]])[0].source == "docs/0000/08.md"
    # Once a tenth of it was removed, the index is built anew.
    for number in range(10, 15):
        (folder / "docs" / "0000" / f"{number}.md").unlink()
    growing.ingest(folder / "docs")
    assert growing.store.index.snapshot().lexical("cranes", 5)
