"""Whole sentences as answers, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tokenizers import Tokenizer

from aiqa.reader.sentence_selector import MOST, evidence_sentences
from aiqa.types import ScoredChunk, ScoredSpan, Span
from tests.reader.fakes import hit, place, read_window

FIRST, SECOND, THIRD, FOURTH = (
    "Oil was cheap.", "It kept well in the dry.", "Gulls came.", "Wax was dear in 1887."
)  # fmt: skip
CHUNK = hit(f"{FIRST} {SECOND} {THIRD} {FOURTH}", start=7)


def chosen(
    tokenizer: Tokenizer, words: str, evidence: dict[str, float], of: ScoredChunk = CHUNK
) -> list[str]:
    span = ScoredSpan(of.chunk, place(of, words), 2.0, "span", (1.0, 2.0))
    found = evidence_sentences(span, [read_window(tokenizer, of, {}, {}, evidence)])
    assert {(s.kind, s.score, s.evidence) for s in found} == {("sentence", 2.0, (1.0, 2.0))}
    assert all(s.text == s.chunk.words(s.span) for s in found)
    return [s.text for s in found]


@pytest.mark.parametrize(
    ("words", "evidence", "expected"),
    [
        # Its own sentence belongs to the answer however little speaks for it.
        ("cheap", {FIRST: -9.0, SECOND: -0.1, THIRD: -1.0, FOURTH: 0.0}, [FIRST]),
        # The others from even odds on, in text order.
        ("dear", {FIRST: 0.1, SECOND: -0.1, THIRD: 2.0}, [FIRST, THIRD, FOURTH]),
        # The mean counts: of "wax was dear in 1887." three pieces of six have 2, the others -1.
        ("cheap", {FOURTH: -1.0, "Wax was dear": 2.0}, [FIRST, FOURTH]),
        ("cheap", {FOURTH: -1.0, "Wax was": 1.0}, [FIRST]),
    ],
)
def test_the_sentences_are_those_that_the_evidence_marks_and_that_of_the_span(
    tokenizer: Tokenizer, words: str, evidence: dict[str, float], expected: list[str]
) -> None:
    assert chosen(tokenizer, words, evidence) == expected


def test_of_too_many_sentences_the_likeliest_are_taken_in_text_order(tokenizer: Tokenizer) -> None:
    names = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")
    lines = [f"{name} came." for name in names]
    evidence = {line: float(number + 1) for number, line in enumerate(lines)}
    found = chosen(tokenizer, "One", evidence, hit("\n".join(lines), start=3))
    assert len(found) == MOST
    assert found == [lines[0], *lines[4:]]


def test_of_windows_that_overlap_the_better_evidence_counts(tokenizer: Tokenizer) -> None:
    span = ScoredSpan(CHUNK.chunk, place(CHUNK, "cheap"), 2.0, "span")
    read = [read_window(tokenizer, CHUNK, {}, {}, {SECOND: x, THIRD: -1.0}) for x in (-2.0, 1.0)]
    other = hit("Gulls left.", "b.txt")
    read.append(read_window(tokenizer, other, {}, {}, {"Gulls left.": 9.0}))
    assert [s.text for s in evidence_sentences(span, read)] == [FIRST, SECOND]


def test_the_sentences_are_those_that_the_chunk_was_stored_with(tokenizer: Tokenizer) -> None:
    first, *_, last = CHUNK.chunk.sentences
    stored = replace(CHUNK.chunk, sentences=(Span(first.start, last.end),))
    assert chosen(tokenizer, "cheap", {}, replace(CHUNK, chunk=stored)) == [stored.text]
