"""Quantities: amounts of money, measures, durations and counts, with their units."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from aiqa.answers.values.numerals import Numeral, numerals, scale_after
from aiqa.answers.values.relation import Relation
from aiqa.text.analysis import content_terms

Bound = Literal["exact", "about", "above", "below", "most", "least"]
"""How a number is meant: "above" and "below" are estimates, "most" and "least" limits."""

COUNT = "count"
"""The dimension of a number of things."""

_BOUNDS: Mapping[Bound, str] = {
    "most": r"up to|at (?:the )?most|no(?:t)? (?:more|longer|later|greater|higher) than|within"
    r"|(?:a )?maximum(?: of)?|not exceed(?:ing)?|max\.?",
    "least": r"at (?:the )?least|no(?:t)? (?:less|fewer) than|(?:a )?minimum(?: of)?|min\.?",
    "about": r"about|around|approximately|approx\.?|roughly|circa|ca\.?|nearly|almost|some|~|≈",
    "above": r"over|more than|above|exceeding|>",
    "below": r"under|less than|fewer than|below|<",
}
_BOUND = re.compile(
    r"(?:" + "|".join(f"(?P<{n}>(?<![A-Za-z])(?:{w}))" for n, w in _BOUNDS.items()) + r")"
    r"\s*(?:the |an? )?[^\w\s]{0,3}$",
    re.IGNORECASE,
)
_BOUNDS_AFTER: Mapping[Bound, str] = {
    "least": r"(?:or|and) (?:more|over|above|up(?:wards)?|longer|later|older|greater|higher)"
    r"|(?<=\d)\+(?!\s*\d)",
    "most": r"(?:or|and) (?:less|fewer|under|below|shorter|earlier|sooner|younger|lower)",
}
_BOUND_AFTER = re.compile(
    r"\s*(?:" + "|".join(f"(?P<{n}>{w})" for n, w in _BOUNDS_AFTER.items()) + r")(?!\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[\s\u00a0-]{0,2}(°\s?[CF]?|[%‰€£¢₹₩₽]|×g|[A-Za-zµμ]+(?:/[a-z]+|²|³|\d)?)")  # noqa: RUF001
_PREFIX = re.compile(r"((?:[A-Z]{1,3})?[$€£¥₹₩₽₺₪₴฿₫₱₦]|\b[A-Z]{3}|\bRs\.?|\bDM)\s?$")
_PER = re.compile(
    r"\s*(?:per|an?|each|every|/)\s*(?:calendar\s+)?"
    r"(second|minute|hour|night|day|week|month|quarter|year|annum|person|head|guest|kg|km|litre"
    r"|page|user|seat|employee)\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"\b(?:for|to|at|from|by|of|than|and|or|only|just|now|" + "|".join(_BOUNDS.values()) + r")\s$",
    re.IGNORECASE,
)
_NOTHING_MORE = re.compile(r"\s*(?:[.,;:!?)\]]|$|(?:and|or|but)\b)")
"""What stands before and after a number that takes its unit from the number before it."""

_RANGE = re.compile(r"\s*(?:[-–—]|to|and|or)\s*", re.IGNORECASE)
_MOST_WORDS = 3
_ROUNDING = 0.02
"""Relative difference of equal values in different units: 30 days and a month."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number from ``low`` to ``high`` in the base unit of its ``dimension``.

    ``dimension`` is a currency ("USD"), a measure ("time"), or "count", where ``noun`` are the
    stems of what is counted. ``per`` is the unit of a rate. ``step`` is the value of the last digit
    and ``unit`` the unit, in base units.
    """

    dimension: str
    low: float
    high: float
    bound: Bound
    per: str
    noun: frozenset[str]
    step: float
    unit: float
    start: int
    end: int

    def relation(self, other: Quantity) -> Relation:
        """Return whether two quantities are the same, differ, or are of different kinds."""
        if self.dimension != other.dimension or (self.per and other.per and self.per != other.per):
            return "unlike"
        if self.noun and other.noun and not self.noun & other.noun:
            return "unlike"
        if {self.bound, other.bound} == {"most", "least"}:
            return "unlike"
        return "same" if self._agrees(other) or other._agrees(self) else "different"

    def _agrees(self, other: Quantity) -> bool:
        slack = 1e-9 * max(abs(self.low), abs(other.low), 1e-12)
        if self.unit != other.unit:
            slack = _ROUNDING * max(abs(self.low), abs(other.low))
        if self.bound == "about":
            slack = max(slack, 0.5 * self.step)
        low, high = self.low - slack, self.high + slack
        if self.bound == "above":
            high = 2 * abs(self.high) + slack
        elif self.bound == "below":
            low = 0.5 * self.low - slack
        return low <= other.low and other.high <= high


def quantities(text: str) -> list[Quantity]:
    """Return the quantities of ``text`` in order; a range is one quantity.

    A bare number may take its unit from the one before: "from 1,000 dollars to 800".
    """
    result: list[Quantity] = []
    for number in numerals(text):
        quantity = _quantity(text, number)
        before = result[-1] if result else None
        if before is not None and before.dimension != COUNT and _is_elliptic(text, quantity):
            quantity = _with_unit_of(before, quantity)
        if before is not None and _is_range(text, before, quantity):
            result[-1] = replace(quantity, low=before.low * _factor(before, quantity),
                                 bound=before.bound, start=before.start)  # fmt: skip
        else:
            result.append(quantity)
    return result


def _is_elliptic(text: str, quantity: Quantity) -> bool:
    return (
        quantity.dimension == COUNT
        and _ELLIPSIS.search(text, 0, quantity.start) is not None
        and _NOTHING_MORE.match(text, quantity.end) is not None
    )


def _with_unit_of(before: Quantity, bare: Quantity) -> Quantity:
    factor = before.unit
    return replace(
        bare, dimension=before.dimension, low=bare.low * factor, high=bare.high * factor,
        step=bare.step * factor, unit=factor, noun=frozenset[str](),
    )  # fmt: skip


def _is_range(text: str, before: Quantity, after: Quantity) -> bool:
    alike = before.dimension == after.dimension or (before.dimension == COUNT and not before.noun)
    between = text[before.end : after.start]
    if not (alike and _RANGE.fullmatch(between)):
        return False
    return before.low * _factor(before, after) < after.high


def _factor(before: Quantity, after: Quantity) -> float:
    """Return the factor that gives the first number of a range the unit of the second."""
    return after.unit if before.dimension == COUNT else 1.0


def _quantity(text: str, number: Numeral) -> Quantity:
    start, end, factor, scale = number.start, number.end, 1.0, 1.0
    dimension, noun = COUNT, frozenset[str]()
    prefix = _PREFIX.search(text, max(0, start - 6), start)
    if prefix and (currency := _currency(prefix[1])):
        dimension, start = currency, prefix.start()
        scale, end = scale_after(text, end)
    if dimension == COUNT:
        # "5+ years" has a unit, too, and "10 or more employees" counts employees.
        between = _BOUND_AFTER.match(text, end)
        found = _unit(text, between.end() if between else end)
        if found is not None:
            dimension, factor, end = found
        else:
            noun = _counted(text, between.end() if between else end)
    rate = _PER.match(text, end)
    per = rate[1].casefold().replace("annum", "year") if rate else ""
    value = number.value * scale * factor
    if dimension == "fahrenheit":
        dimension, value, factor = "celsius", (number.value - 32) / 1.8, 1.8
    whole = rate.end() if rate else end
    return Quantity(
        dimension, value, value, _bound(text, start, (number.end, end, whole)), per, noun,
        number.step * scale * factor, factor * scale, start, whole,
    )  # fmt: skip


def _bound(text: str, start: int, ends: Sequence[int]) -> Bound:
    """Return the bound before ``start``, or after one of ``ends``: of number, unit and rate."""
    if before := _BOUND.search(text[max(0, start - 24) : start]):
        return next(name for name in _BOUNDS if before[name])
    for end in ends:
        if after := _BOUND_AFTER.match(text, end):
            return next(name for name in _BOUNDS_AFTER if after[name])
    return "exact"


def unit_dimension(text: str, start: int) -> str | None:
    """Return the dimension of the unit that ``text`` has at ``start``; None if it has none."""
    found = _unit(text, start)
    return found[0] if found is not None else None


def _unit(text: str, end: int) -> tuple[str, float, int] | None:
    """Return dimension, factor and end of the unit at ``end``, the longest that is known."""
    words: list[str] = []
    ends: list[int] = []
    at = end
    while len(words) < _MOST_WORDS and (match := _TOKEN.match(text, at)):
        words.append(match[1].replace(" ", ""))
        at = match.end()
        ends.append(at)
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        found = _units().get(name) or _units().get(name.casefold() if len(name) > 2 else name)  # noqa: PLR2004
        if found is None and len(name) > 3:  # noqa: PLR2004
            found = _units().get(name.casefold().removesuffix("s"))
        if found is not None:
            return *found, ends[count - 1]
    return None


def _currency(sign: str) -> str | None:
    found = _units().get(sign.casefold().rstrip(".")) or _units().get(sign)
    if sign == "¥":
        return "JPY"
    is_currency = found is not None and found[0].isupper()
    return found[0] if found is not None and is_currency else None


def _counted(text: str, end: int) -> frozenset[str]:
    """Return the stems of the one or two words after a number: what is counted."""
    words = re.match(r"[\s-]+[^\W\d_]+(?:\s+[^\W\d_]+)?", text[end:])
    return frozenset(content_terms(words[0])) if words else frozenset()


@cache
def _units() -> Mapping[str, tuple[str, float]]:
    """Return dimension and factor of each unit by its forms, abbreviations in their case."""
    data = json.loads(files(__package__).joinpath("units.json").read_text("utf-8"))
    units = {form: (code, 1.0) for code, forms in data["currencies"].items() for form in forms}
    for dimension, factors in data["measures"].items():
        for factor, forms in factors.items():
            units |= {form: (dimension, float(factor)) for form in forms}
    return units
