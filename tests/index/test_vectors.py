"""Large collections: inverted lists find what exact search finds, through every change."""

from pathlib import Path

import numpy as np
import pytest
from eval.benchmarks.hashing import HashEmbedder
from eval.benchmarks.texts import write_tree
from eval.benchmarks.vectors import drawn, fetcher

from aiqa import Assistant, Filters, Settings
from aiqa.index.vectors import KeySelection, VectorIndex


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few hundred vectors count as many."""
    monkeypatch.setattr("aiqa.index.vectors.EXACT_UP_TO", 300)


@pytest.mark.usefixtures("few")
def test_vectors_are_found_added_and_removed_under_their_keys(tmp_path: Path) -> None:
    vectors = drawn(1200, seed=1)
    index = VectorIndex.build(np.arange(1000), 384, fetcher(vectors))
    assert index.kind == "inverted lists"
    index.add([(np.arange(1000, 1200), vectors[1000:])])
    index.remove(np.array([7, 1100]))
    index.save(tmp_path / "v.faiss")
    index = VectorIndex.load(tmp_path / "v.faiss")
    found = {key: index.search(vectors[key], 1)[0][0] for key in range(1200)}
    assert found.pop(7) != 7
    assert found.pop(1100) != 1100
    assert sum(key == nearest for key, nearest in found.items()) >= len(found) - 3
    # A filter that leaves little is searched in full, wherever that stands.
    for key in range(0, 1200, 100):
        only = KeySelection(np.array([key]))
        found_there = [there for there, _ in index.search(vectors[5], 3, among=only)]
        assert found_there == ([] if key == 1100 else [key])


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("count", "fits"), [(299, False), (1000, True), (1600, True), (5000, False)]
)
def test_an_index_that_outgrew_its_lists_is_made_anew(count: int, *, fits: bool) -> None:
    fetch = fetcher(drawn(1000, seed=1))
    assert VectorIndex.build(np.arange(1000), 384, fetch).fits(count) is fits
    assert VectorIndex.build(np.arange(200), 384, fetch).fits(count) is (count < 300)


def test_a_collection_that_grows_past_the_limit_gives_the_same_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path / "docs", files=60, size=3000)
    question = "Which number is the report on robots filed under?"

    def ask() -> tuple[str, float | None, list[tuple[int, float]], list[str]]:
        with Assistant(tmp_path / "index", Settings.load(), HashEmbedder()) as assistant:
            assistant.ingest(tmp_path / "docs")
            check = assistant.check()
            assert not check.problems
            hits = [(hit.chunk.key, round(hit.dense, 5)) for hit in assistant.search(question, k=5)]
            only = Filters(sources=("docs/0000/07.md",))
            sources = [hit.chunk.source for hit in assistant.search(question, filters=only)]
            return str(check.vector_index), check.recall, hits, sources

    kind, recall, exact, sources = ask()
    assert (kind, recall) == ("exact", 1.0)
    assert set(sources) == {"docs/0000/07.md"}
    monkeypatch.setattr("aiqa.index.vectors.EXACT_UP_TO", 100)
    (tmp_path / "docs" / "0000" / "59.md").unlink()
    kind, recall, lists, sources = ask()
    assert kind == "inverted lists"
    assert recall is not None
    assert recall > 0.9
    assert lists[0] == exact[0]
    assert len({*lists} & {*exact}) >= 4
    assert set(sources) == {"docs/0000/07.md"}
    # Now it is brought on, with one document more and one less.
    (tmp_path / "docs" / "0000" / "58.md").unlink()
    (tmp_path / "docs" / "0000" / "60.md").write_text(f"# Extra\n\n{question}\n", "utf-8")
    _, recall, lists, _ = ask()
    assert recall is not None
    assert recall > 0.9
    assert lists[0] not in exact
