from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aiqa import Assistant, ChatTurn, Filters
from aiqa.errors import QuestionError
from aiqa.retrieval.fusion import fuse

Open = Callable[..., Assistant]


def test_scores_are_fused_by_hand() -> None:
    # Cosines from 0.2 to 0.6 become 0, 0.5 and 1, BM25 is held against its best, 8.
    dense, lexical = np.array([0.6, 0.4, 0.2]), np.array([2.0, 0.0, 8.0])
    assert fuse(dense, lexical, (1.0, 1.0)) == pytest.approx([1.25 / 2, 0.5 / 2, 1.0 / 2])
    assert fuse(dense, lexical, (3.0, 1.0)) == pytest.approx([3.25 / 4, 1.5 / 4, 1.0 / 4])
    assert fuse(dense, lexical, (1.0, 0.0)) == pytest.approx([1.0, 0.5, 0.0])


def test_chunks_that_are_alike_and_chunks_without_words_are_fused() -> None:
    assert fuse(np.array([0.3, 0.3]), np.zeros(2), (1.0, 1.0)) == pytest.approx([0.5, 0.5])
    assert len(fuse(np.array([]), np.array([]), (1.0, 1.0))) == 0


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("When was the lighthouse lit?", "docs/lighthouse.md"),
        ("What does a dinghy pay?", "docs/rules.html"),
        ("tide tables price", "docs/tides.txt"),
        ("What was the Petrel carrying?", "docs/log.pdf"),
        ("Which flare sends the lifeboat home?", "docs/rescue.docx"),
    ],
)
def test_the_right_document_of_each_format_comes_first(
    assistant: Assistant, question: str, source: str
) -> None:
    for reranked in (True, False):
        hits = assistant.search(question, rerank=reranked)
        assert hits[0].chunk.source == source
        worth = [(hit.relevance if reranked else hit.score) or 0.0 for hit in hits]
        assert worth == sorted(worth, reverse=True)


def test_chunks_that_are_not_read_follow_in_the_order_of_the_search(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index", read_chunks=2)
    assistant.ingest(harbour)
    question = "harbour boat Petrel office flare tide"
    found = assistant.search(question, rerank=False)
    hits = assistant.search(question)
    assert [hit.relevance is None for hit in hits] == [False, False, *[True] * (len(found) - 2)]
    assert {hit.chunk for hit in hits[:2]} == {hit.chunk for hit in found[:2]}
    assert hits[2:] == found[2:]
    assert assistant.search(question, k=1) == hits[:1]


def test_words_alone_and_meaning_alone_both_find(harbour: Path, open_assistant: Open) -> None:
    assistant = open_assistant(harbour.parent / "index", dense_weight=0)
    assistant.ingest(harbour)
    assert assistant.search("schooner")[0].chunk.source == "docs/log.pdf"
    meaning = open_assistant(harbour.parent / "index", lexical_weight=0)
    assert meaning.search("sailing vessel with a snapped spar")[0].chunk.source == "docs/log.pdf"


def test_a_follow_up_is_searched_in_its_own_words_too_and_first_where_was_cited_before(
    tmp_path: Path, open_assistant: Open
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for title in ("Museum", "Harbour"):
        (folder / f"{title}.md").write_text(f"# {title} guide\n\nThe office opens at nine.\n")
    (folder / "tolls.md").write_text("# Tolls\n\nA barge pays two crowns.\n")
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(folder)
    for title in ("Museum guide", "Harbour guide"):
        before = ChatTurn("Is the guide free?", "yes", (title,))
        assert before.titles == (title,)
        hits = assistant.search("When does its office open?", history=[before])
        assert hits[0].chunk.title == title
    bargees = ChatTurn("What do bargees drink?", "tea")
    alone = assistant.search("What do bargees pay?", k=1)
    after = assistant.search("What do they pay?", k=1, history=[bargees])
    assert after[0].chunk.title == alone[0].chunk.title == "Tolls"


@pytest.mark.parametrize(
    ("filters", "sources"),
    [
        (Filters(sources=("docs/r*",)), {"docs/rules.html", "docs/rescue.docx"}),
        (Filters(title="HARBOUR"), {"docs/rules.html"}),
        (Filters(formats=("pdf", "text")), {"docs/log.pdf", "docs/tides.txt"}),
        (Filters(sources=("docs/r*",), formats=("docx",)), {"docs/rescue.docx"}),
    ],
)
def test_filters_restrict_both_halves_of_the_search(
    assistant: Assistant, filters: Filters, sources: set[str]
) -> None:
    hits = assistant.search("harbour boat Petrel office flare tide", k=50, filters=filters)
    assert {hit.chunk.source for hit in hits} == sources


def test_filters_that_fit_nothing_are_an_error(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="No document fits"):
        assistant.search("x", filters=Filters(title="no such title"))


@pytest.mark.parametrize(
    "question", ['AND OR NOT "', "title:(x", "-boat +[a TO b]", "<|endoftext|>", "?", "\x00", "船"]
)
def test_query_syntax_in_a_question_is_only_words(assistant: Assistant, question: str) -> None:
    assert assistant.search(question)


def test_a_chunk_that_one_half_of_the_search_found_is_scored_by_both(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index", candidates=1)
    assistant.ingest(harbour)
    question = "Petrel dinghy fee"
    every = {hit.chunk.key: hit for hit in assistant.search(question, k=100)}
    assert {hit.lexical is None for hit in every.values()} == {True, False}
    for weights in ({"dense_weight": 0}, {"lexical_weight": 0}):
        narrow = open_assistant(harbour.parent / "index", candidates=1, **weights)
        (hit,) = narrow.search(question, k=1)
        alike = every[hit.chunk.key]
        assert hit.dense == pytest.approx(alike.dense, abs=1e-6)
        assert hit.lexical == pytest.approx(alike.lexical, abs=1e-6)


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("schoonr", "docs/log.pdf"),  # a letter left out
        ("lightouhse", ""),  # two errors: nothing is guessed
        ("dinhgy", "docs/rules.html"),  # two letters swapped
        ("harbor fees", "docs/rules.html"),  # American spelling
    ],
)
def test_a_word_that_no_document_has_is_taken_for_the_word_that_it_resembles(
    harbour: Path, open_assistant: Open, question: str, source: str
) -> None:
    assistant = open_assistant(harbour.parent / "index", dense_weight=0)
    assistant.ingest(harbour)
    assert [hit.chunk.source for hit in assistant.search(question, k=1)] == [source][: bool(source)]


def test_a_word_counts_once_where_heading_and_text_have_it(
    tmp_path: Path, open_assistant: Open
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Tolls\n\nTolls are due at the bridge, at noon and by barge.\n")
    (folder / "b.md").write_text("# Tolls\n\nBarges moor at the quay, at noon and by crew.\n")
    (folder / "c.md").write_text("# Quay\n\nTolls are due at the gate, at noon and by cart.\n")
    assistant = open_assistant(tmp_path / "index", dense_weight=0)
    assistant.ingest(folder)
    scores = {hit.chunk.source: hit.score for hit in assistant.search("tolls")}
    assert set(scores) == {"docs/a.md", "docs/b.md", "docs/c.md"}
    assert scores["docs/a.md"] == max(scores.values()) < 1.5 * scores["docs/b.md"]
