"""Labels of a table: rows that are a label with its value, and the kinds that columns hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.documents.table_grid import Row, filled_slots, value_kind

SAMPLE_ROWS = 30
"""Rows below a head that are looked at."""

_PAIR = 2
_MOST_LABEL_WORDS = 6
_LEAST_DEFINITION_WORDS = 4
_PROPER_NAME = re.compile(r"[A-Z][\w.'’-]*(?: [A-Z&][\w.'’-]*)+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def column_kind(rows: Sequence[Row], column: int) -> str:
    """Return what most cells of ``column`` are; years among other numbers are numbers."""
    kinds = [
        value_kind(slot.text)
        for row in rows[:SAMPLE_ROWS]
        if column < len(row) and (slot := row[column]) and slot.text
    ]
    if "number" in kinds:
        kinds = ["number" if kind == "year" else kind for kind in kinds]
    return max(set(kinds), key=lambda kind: (kinds.count(kind), kind), default="")


def are_labels(rows: Sequence[Row]) -> bool:
    """Whether the rows are labels, each with its value beside it, and no names stand above."""
    if any(len(filled_slots(row)) > _PAIR for row in rows):
        return False
    texts = [[slot.text for slot in filled_slots(row)] for row in rows]
    pairs = [row for row in texts if len(row) == _PAIR]
    if not pairs:
        return False
    labels, values = zip(*pairs, strict=True)
    return len(set(labels)) == len(labels) and not (
        any(
            len(label.split()) > _MOST_LABEL_WORDS or value_kind(label) != "words"
            for label in labels
        )
        or _has_name_above(values)
    )


def _has_name_above(values: Sequence[str]) -> bool:
    """Whether the first value is a word above numbers of one form, or above definitions."""
    first, rest = values[0], values[1:]
    if not rest or value_kind(first) != "words" or any(map(str.isdigit, first)):
        return False
    forms = {re.sub(r"[\d.,\s'’+-]+", "0", value) for value in rest}
    numeric = all(any(map(str.isdigit, value)) for value in rest) and (
        len(rest) > 1
        or value_kind(rest[0]) in ("number", "year")
        or not (value_kind(rest[0]) == "date" or _PROPER_NAME.fullmatch(first))
    )
    words = min(len(_WORD.findall(value)) for value in rest)
    return (numeric and len(forms) == 1) or (
        words >= _LEAST_DEFINITION_WORDS and len(first.split()) < words
    )
