"""Amounts that a question gives, against the ranges that a rule is stated for.

"What does it cost for three accounts?" is answered by the rule "for up to 5 accounts", and not by
that for "more than 5 accounts", though the words of both are alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.answers.values.dates import dates
from aiqa.answers.values.quantities import COUNT, Quantity
from aiqa.answers.values.reading import quantities_besides


def given_amounts(question: str) -> list[Quantity]:
    """Return the amounts that a question gives, without those that it gives a range of."""
    return [one for one in amounts(question) if _is_single(one)]


def amounts(text: str) -> list[Quantity]:
    """Return the quantities of ``text``, in order, without the numbers of its dates."""
    return quantities_besides(dates(text), text)


def range_match(given: Sequence[Quantity], stated: Sequence[Quantity]) -> float:
    """Tell whether amounts that are given lie in the ranges that are stated.

    Returns:
        1 if one of the ``given`` amounts lies in one of the ``stated`` ranges, -1 if each range of
        its kind excludes it, and 0 if no range is of the kind of any of them.
    """
    verdicts = [
        _holds(limit, one)
        for one in given
        for limit in stated
        if not _is_single(limit) and _is_comparable(one, limit)
    ]
    return 0.0 if not verdicts else 1.0 if any(verdicts) else -1.0


def _is_single(one: Quantity) -> bool:
    return one.low == one.high and one.bound in {"exact", "about"}


def _is_comparable(one: Quantity, limit: Quantity) -> bool:
    if one.per and limit.per and one.per != limit.per:
        return False
    if limit.dimension == COUNT:
        # What is counted has to be the same: three days are not among "up to 5 people".
        is_bare = not limit.noun and one.dimension in {COUNT, "age"}
        return is_bare or (one.dimension == COUNT and bool(one.noun & limit.noun))
    return one.dimension == limit.dimension


def _holds(limit: Quantity, one: Quantity) -> bool:
    match limit.bound:
        case "above":
            return one.low > limit.high
        case "below":
            return one.low < limit.low
        case "least":
            return one.low >= limit.low
        case "most":
            return one.low <= limit.high
        case _:
            return limit.low <= one.low <= limit.high
