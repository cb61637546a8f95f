"""An estimate gives way to the number that it is an estimate of."""

from __future__ import annotations

import pytest

from tests.answers.test_conflicts import Said, answer

BELOW = ("Report", "The robot costs less: it fell below 1,000 dollars.", "1,000 dollars")
ABOUT = ("Guide", "The robot costs about 800 US dollars.", "800 US dollars")
COST = "What does the robot cost?"


def test_the_number_is_the_answer_with_the_confidence_of_the_estimate() -> None:
    alone, both = answer(COST, BELOW), answer(COST, BELOW, ABOUT)
    assert (alone.text, both.text) == ("1,000 dollars", "800 US dollars")
    assert both.confidence == alone.confidence == both.statements[0].confidence
    assert both.citations[0].sentence == ABOUT[1]
    assert not both.conflicts


def test_the_surest_of_several_numbers_is_taken() -> None:
    shop = ("Shop", "The robot costs 790 dollars.", "790 dollars")
    assert answer(COST, BELOW, shop, ABOUT).text == "790 dollars"


@pytest.mark.parametrize(
    "other",
    [
        ("Guide", "The robot costs about 1,200 US dollars.", "1,200 US dollars"),  # contradicts it
        ("Guide", "The robot costs 20 dollars.", "20 dollars"),  # far below
        ("Guide", "The robot costs 800 euros.", "800 euros"),
        ("Guide", "A dog costs 800 dollars.", "800 dollars"),
        ("Guide", "The robot costs well under 900 dollars.", "900 dollars"),
    ],
)
def test_what_does_not_state_the_number_is_not_taken(other: Said) -> None:
    assert answer(COST, BELOW, other).text == "1,000 dollars"


def test_a_limit_is_no_estimate() -> None:
    limit = ("Rules", "The trip takes at most 30 days.", "30 days")
    trip = ("Diary", "The trip takes 20 days.", "20 days")
    assert answer("How long does the trip take?", limit, trip).text == "30 days"
