"""An answer of another year than the one asked about is not sure."""

from __future__ import annotations

import pytest

from aiqa.answers.period import MOST_OF_ANOTHER_YEAR
from tests.answers.test_conflicts import answer

SAID = ("Survey", "In 2020 the town had 3.5 million guests.", "3.5 million")


def test_another_year_makes_an_answer_unsure() -> None:
    same = answer("How many guests came in 2020?", SAID, score=4.0)
    other = answer("How many guests came in 2023?", SAID, score=4.0)
    assert (same.outcome, other.outcome) == ("answered", "unsure")
    assert other.confidence == MOST_OF_ANOTHER_YEAR < same.confidence


@pytest.mark.parametrize(
    ("question", "title", "text"),
    [
        ("How many guests came?", "Survey", SAID[1]),
        ("How many guests came in 2023?", "Survey of 2023", SAID[1]),
        ("Did more come in 2020 than in 2019?", "Survey", SAID[1]),
        ("How many guests came in 2023?", "Survey", "The town had 3.5 million guests."),
        ("How many guests came in 2023?", "Survey", "3.5 million guests paid $2020 or 2,020 yen."),
    ],
)
def test_no_other_year_is_named(question: str, title: str, text: str) -> None:
    assert answer(question, (title, text, "3.5 million"), score=4.0).outcome == "answered"
