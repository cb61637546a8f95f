"""An index in a cluster does as one in a folder: the same passages, answers and citations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from aiqa import Answer, Assistant, ChatTurn, Filters
from aiqa.serialization import answer_dict
from tests.conftest import GOLD, Open

QUESTIONS = [json.loads(line)["question"] for line in GOLD.read_text("utf-8").splitlines()]

FILTERS = (
    Filters(sources=("corpus/policy/*",)),
    Filters(sources=("corpus/*/[a-m]*", "corpus/technology/?????*")),
    Filters(title="a", formats=("pdf", "html")),
    Filters(collections=("default",), since="2020-01-01"),
)


def assert_same(
    here: Assistant, there: Assistant, question: str, filters: Filters | None = None
) -> None:
    """Both find the same 20 passages in the same order, with the same scores but for rounding."""
    mine = here.passages(question, k=20, filters=filters)
    yours = there.passages(question, k=20, filters=filters)
    assert [hit.chunk for hit in yours] == [hit.chunk for hit in mine], question
    for hit, other in zip(mine, yours, strict=True):
        assert other.score == pytest.approx(hit.score, abs=2e-6)
        assert other.dense == pytest.approx(hit.dense, abs=2e-6)
        assert (other.lexical is None) == (hit.lexical is None)
        assert (other.lexical or 0.0) == pytest.approx(hit.lexical or 0.0, rel=2e-6)


def told(answer: Answer) -> object:
    """An answer with its citations but for rounding, and without the time that it took."""
    return rounded(answer_dict(replace(answer, timings_ms={})))


def rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return round(value, 6) if isinstance(value, float) else value


@pytest.fixture
def here(corpus_index: Path, open_assistant: Open) -> Assistant:
    return open_assistant(corpus_index)


@pytest.fixture
def there(corpus_cluster: str, open_assistant: Open) -> Assistant:
    return open_assistant(corpus_cluster)


def test_every_gold_question_finds_the_same_passages_with_the_same_scores(
    here: Assistant, there: Assistant
) -> None:
    assert len(QUESTIONS) > 100
    for question in QUESTIONS:
        assert_same(here, there, question)


@pytest.mark.parametrize("filters", FILTERS)
def test_filters_leave_the_same_passages(
    here: Assistant, there: Assistant, filters: Filters
) -> None:
    for question in QUESTIONS[::20]:
        assert_same(here, there, question, filters)


def test_days_leave_the_same_passages(here: Assistant, there: Assistant) -> None:
    days = sorted(holding.day for holding in here.holdings())
    middle = days[len(days) // 2]
    for filters in (Filters(since=middle), Filters(until=middle)):
        assert_same(here, there, QUESTIONS[0], filters)


def test_misspelt_words_stand_for_the_same_ones(here: Assistant, there: Assistant) -> None:
    for question in ("Who makes SenseRobt?", "What did the regulaton of emissons change?"):
        assert_same(here, there, question)


def test_answers_and_citations_are_the_same(here: Assistant, there: Assistant) -> None:
    for question in QUESTIONS[::36]:
        assert told(there.ask(question)) == told(here.ask(question))
    first = here.ask(QUESTIONS[0])
    history = [ChatTurn.of(first)]
    asked = "Who makes it?"
    assert told(there.ask(asked, history=history)) == told(here.ask(asked, history=history))


def test_the_catalog_tells_the_same(here: Assistant, there: Assistant) -> None:
    mine, yours = here.status(), there.status()
    for name in ("documents", "chunks", "formats", "collections", "sources", "unread_pages"):
        assert getattr(yours, name) == getattr(mine, name), name
    assert there.holdings() == here.holdings()
    for document in here.documents():
        assert there.document(document.id) == document
        assert there.chunks(document.id) == here.chunks(document.id)
        end = len(document.text)
        assert there.boxes(document.id, 0, end) == here.boxes(document.id, 0, end)
        assert there.document_at(document.source) == document
