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
_WORD = re.compile(r"[^\W\d_]+")


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
        or (_has_name_above(values) and not all(label.endswith(":") for label in labels))
    )


def are_pairs(rows: Sequence[Row]) -> bool:
    """Whether the rows are labels with their values, several side by side, as in a form.

    Labels are words, each other ones. That the first row holds values is told by a date or a
    number in it, or by the colons after its labels.
    """
    width = max(map(len, rows))
    if width <= _PAIR or width % _PAIR or any(slot and slot.cell.columns > 1 for slot in rows[0]):
        return False
    labels = [slot.text for row in rows for slot in row[::_PAIR] if slot and slot.text]
    values = [slot.text for slot in rows[0][1::_PAIR] if slot and slot.text]
    return (
        len(labels) >= _PAIR
        and len(set(labels)) == len(labels)
        and all(map(_is_label, labels))
        and all(slot and slot.text for slot in rows[0][::_PAIR])
        and bool(values)
        and (
            all(label.endswith(":") for label in labels)
            or any(value_kind(value) in ("date", "number") for value in values)
        )
    )


def _is_label(text: str) -> bool:
    return (
        len(text.split()) <= _MOST_LABEL_WORDS
        and value_kind(text) == "words"
        and any(map(str.isalpha, text))
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
