"""Whether amounts that a question gives lie in the ranges that a rule is stated for."""

from __future__ import annotations

import pytest

from aiqa.reader.amount_conditions import amounts, given_amounts, range_match


@pytest.mark.parametrize(
    ("question", "rule", "match"),
    [
        ("What do three accounts cost?", "for up to 5 accounts: free", 1),
        ("What do three accounts cost?", "for more than 5 accounts: $20 per account", -1),
        ("Who approves a book for 35 dollars?", "Anything under $50 needs no approval.", 1),
        ("Who approves a book for 35 dollars?", "Over $50, ask your manager.", -1),
        ("who signs off 12,000 dollars", "$10,000 or more: the board", 1),
        ("who signs off 12,000 dollars", "from $1,000 to $9,999: the head", -1),
        ("I have worked here for 8 months.", "after at least six months", 1),
        ("I work 20 hours a week.", "for 30 hours a week or more", -1),
        ("I am 67 years old.", "Half price for 65 and over.", 1),
        # Both ranges are of the kind: one holds.
        ("Who approves 35 dollars?", "Over $50 a manager approves, under $50 nobody.", 1),
        # Nothing to compare: another kind, no range, or what was asked for is a range itself.
        ("What do three people pay?", "for up to 5 days: free", 0),
        ("What do three accounts cost?", "3 accounts cost $20.", 0),
        ("What costs more than 5 dollars?", "anything under $50", 0),
        ("What does it cost?", "for up to 5 accounts: free", 0),
        ("What did it cost on 3 May 2024?", "for up to 5 accounts: free", 0),
    ],
)
def test_amounts_are_compared_with_ranges(question: str, rule: str, match: float) -> None:
    assert range_match(given_amounts(question), amounts(rule)) == match
