"""What a span is to its question."""

from __future__ import annotations

from aiqa.reader.question_match import QuestionMatch
from tests.reader.fakes import hit, place


def test_a_span_that_restates_the_question_is_told() -> None:
    match = QuestionMatch("Why is a definition of the community needed?")
    assert match.restated("definition of the community") == 1
    assert match.restated("bans are temporary") == 0
    assert match.restated("of the") == 0


def test_heads_and_ranges_are_those_of_the_line_and_the_sentence() -> None:
    own = hit("Fees are due.\nUp to 5 accounts: Free; Above: $20 each\nThere are 9 accounts.")
    match = QuestionMatch("What is due for 3 accounts?")
    assert match.in_range(own.chunk, place(own, "Free")) == 1
    assert match.in_range(own.chunk, place(own, "9 accounts")) == 0
    assert match.head(own.chunk, place(own, "Free"))[0] > 0
    assert match.head(own.chunk, place(own, "9 accounts")) == (0, 0)


def test_the_kind_of_question_is_told() -> None:
    assert QuestionMatch("How do I return it?").explanation
    assert QuestionMatch("Which documents are needed?").several
    assert QuestionMatch("May I bring a dog?").polar
    assert not QuestionMatch("Who pays?").polar
