"""Reading examples, and passages that move among others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.errors import GoldError
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage, contexts, read_examples
from aiqa.types import Span
from tests.training.samples import TEXT, asked, span_of, write_rows

GOOD = {"id": 1, "question": "q", "context": "abc", "answers": []}


@given(st.lists(st.text(max_size=20), max_size=5), st.text(min_size=1, max_size=20), st.data())
def test_spans_keep_their_words_among_other_passages(
    others: list[str], text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    place = data.draw(st.integers(0, len(others)))
    moved = Passage(text, (span,), (Span(0, len(text)),), is_answering=True).among(others, place)
    (answer,), (evidence,) = moved.answers, moved.evidence
    assert moved.text[answer.start : answer.end] == text[span.start : span.end]
    assert moved.text[evidence.start : evidence.end] == text
    assert all(other in moved.text for other in others)
    assert moved.is_answering


def test_a_row_has_title_polarity_and_every_marked_place_once(tmp_path: Path) -> None:
    marked = [{"text": "b", "start": 1}, {"text": "b", "start": 1}, {"text": "b", "start": 3}]
    rows = [
        {**GOOD, "context": "abcb", "title": "Letters", "answers": marked},
        {"id": 2, "question": "is it b", "context": "abc", "polarity": "yes"},
        {**GOOD, "id": 3},
    ]
    spans, polar, none = read_examples(write_rows(tmp_path / "a.jsonl.gz", rows))
    assert spans.heading == "Letters"
    assert spans.passages[0].answers == (Span(1, 2), Span(3, 4))
    assert polar.polarity == "yes"
    assert polar.passages[0].is_answering
    assert not polar.passages[0].answers
    assert not none.passages[0].is_answering
    assert none.heading == ""


@pytest.mark.parametrize(
    "row",
    [
        "{",
        '{"id": 1}',
        '{"id": 1, "question": "q", "context": "abc", "answers": [{"text": "b", "start": 0}]}',
    ],
)
def test_a_row_that_is_no_question_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(GOOD)}\n{row}\n", "utf-8")
    with pytest.raises(GoldError, match="line 2"):
        read_examples(tmp_path / "a.jsonl")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"none\.jsonl"):
        read_examples(tmp_path / "none.jsonl")


def test_evidence_is_each_sentence_that_an_answer_stands_in() -> None:
    text = "It was lit by Ada Moor. Tom Reed followed. Nobody came after him."
    across = Passage(text, (span_of(text, "Moor. Tom"),))
    plain = Passage(text, (span_of(text, "Nobody"),))
    made = with_evidence(Example("q", "Who?", (across, plain, Passage(text))))
    words = [[text[s.start : s.end].strip() for s in p.evidence] for p in made.passages]
    assert words == [
        ["It was lit by Ada Moor.", "Tom Reed followed."],
        ["Nobody came after him."],
        [],
    ]


def test_answers_words_are_found_whatever_their_case() -> None:
    example = asked("Who lit it?", TEXT, "Ada Moor")
    assert example.may_be_answered_by("ADA MOOR was here")
    assert not example.may_be_answered_by("Ada More was here")
    assert contexts([example, example]) == [TEXT]
