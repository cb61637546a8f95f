"""Estimates whose number another place states: "below 1,000 dollars" and "about 800 dollars"."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.answers.conflicts import Contender, is_rival
from aiqa.answers.values import related, value_of
from aiqa.answers.values.quantities import Quantity


def stated_number(question: str, contenders: Sequence[Contender]) -> Contender | None:
    """Return the contender that states the number that the first one only estimates.

    "Below 1,000 dollars" tells less than "about 800 dollars", which agrees with it. Limits, such
    as "at most 30 days", are no estimates: they are what is asked for. Of several contenders the
    most confident is returned; None if the first is no estimate, or no other one answers the same
    question with a number that agrees.
    """
    if not contenders:
        return None
    best, *others = contenders
    estimate = value_of(question, best.citation)
    if not isinstance(estimate, Quantity) or estimate.bound not in {"above", "below"}:
        return None
    agreeing = [other for other in others if _states(question, estimate, best, other)]
    return max(agreeing, key=lambda other: other.statement.confidence, default=None)


def _states(question: str, estimate: Quantity, best: Contender, other: Contender) -> bool:
    value = value_of(question, other.citation)
    return (
        isinstance(value, Quantity)
        and value.bound in {"exact", "about"}
        and related(estimate, value) == "same"
        and is_rival(question, best, other)
    )
