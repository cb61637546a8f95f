"""The typed value of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.values.dates import CalendarDate, dates
from aiqa.answers.values.names import ProperName, proper_name
from aiqa.answers.values.polarity import Polarity, is_polar, polarity
from aiqa.answers.values.quantities import Quantity, quantities
from aiqa.answers.values.relation import Relation
from aiqa.types import Citation

Value = Quantity | CalendarDate | ProperName | Polarity

_COUNTS = re.compile(r"\bhow\s+(?:many|much)\b|\bnumber of\b", re.IGNORECASE)
_NAMES = re.compile(r"\b(?:who|whom|whose|name|named|called)\b|\b(?:which|what) \w+", re.IGNORECASE)
_PLACES = re.compile(r"\bwhere\b", re.IGNORECASE)
_LONGEST = 90
"""Characters of the longest answer that has one value; a yes/no answer may be longer."""


def value_of(question: str, citation: Citation) -> Value | None:
    """Return the value of an answer to ``question``; None if it has none that can be compared.

    The unit of a number is that of its sentence: "1,240" of "1,240 paintings".
    """
    sentence = citation.sentence
    start = citation.start - citation.sentence_start
    end = start + len(citation.quote)
    if is_polar(question):
        return polarity(question, sentence)
    if len(citation.quote) > _LONGEST:
        return None
    days = [] if _COUNTS.search(question) else dates(sentence)
    stated: list[Quantity | CalendarDate] = [*days, *quantities_besides(days, sentence)]
    found = [value for value in stated if value.start < end and value.end > start]
    if found:
        is_sentence = len(citation.quote) == len(sentence)
        return found[0] if len(found) == 1 or not is_sentence else None
    if _NAMES.search(question) and not _PLACES.search(question):
        return proper_name(citation.quote)
    return None


def quantities_besides(days: Sequence[CalendarDate], sentence: str) -> list[Quantity]:
    """Return the quantities of ``sentence`` in order, without the numbers of its dates ``days``."""
    for date in days:
        blank = " " * (date.end - date.start)
        sentence = sentence[: date.start] + blank + sentence[date.end :]
    return quantities(sentence)


def related(one: Value, other: Value) -> Relation:
    """Return the relation of two values; values of different types are unlike."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return one.relation(other)
    if isinstance(one, CalendarDate) and isinstance(other, CalendarDate):
        return one.relation(other)
    if isinstance(one, ProperName) and isinstance(other, ProperName):
        return one.relation(other)
    if isinstance(one, Polarity) and isinstance(other, Polarity):
        return one.relation(other)
    return "unlike"
