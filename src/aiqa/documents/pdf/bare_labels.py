"""Labels with their values on a PDF page, in two columns without rules, such as a data sheet's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aiqa.documents.pdf.lines import TABULAR, Line
from aiqa.documents.pdf.open_tables import OpenTable, rows_between
from aiqa.documents.pdf.reading_order import is_prose, pieces_of

_COLUMNS = 2
_LEAST_ROWS = 3
_SAME_EDGE = 3.0
"""Cells of a column begin within this many points of each other."""

_WIDEST_PITCH = 2.6
"""Rows are at most this many type sizes apart."""

_WITH_DIGITS = 0.6
"""At least this share of the values hold a digit."""

_LONGEST_LABEL = 40
_LABEL = re.compile(r"[^\W\d_]{2}[^\d]*")

_Row = tuple[Line, Line]


def label_tables(lines: Sequence[Line]) -> Iterator[OpenTable]:
    """Yield the tables of labels and values that would become one sentence.

    Where the blanks between are wide, each row is a line of its own anyway.
    """
    pieces = [piece for line in lines if not line.table for piece in pieces_of(line)]
    for run in _runs(rows_between(pieces, float("-inf"), float("inf"))):
        if _are_labels(run) and not all(map(_is_spread, run)):
            inside = [piece for row in run for piece in row]
            yield OpenTable(
                [[[piece] for piece in row] for row in run],
                min(piece.left for piece in inside),
                max(piece.right for piece in inside),
                min(piece.base - piece.size for piece in inside),
                max(piece.base for piece in inside),
            )


def _runs(rows: Sequence[Sequence[Line]]) -> Iterator[list[_Row]]:
    """Yield the rows of two cells that stand right below each other, at the same edges."""
    run: list[_Row] = []
    for row in rows:
        is_row = len(row) == _COLUMNS and _is_label(row[0])
        if run and not (is_row and _follows(run[-1], row)):
            yield run
            run = []
        if is_row:
            run.append((row[0], row[1]))
    yield run


def _follows(above: _Row, row: Sequence[Line]) -> bool:
    return row[0].base - above[0].base <= _WIDEST_PITCH * row[0].size and all(
        abs(upper.left - lower.left) <= _SAME_EDGE for upper, lower in zip(above, row, strict=True)
    )


def _is_label(piece: Line) -> bool:
    return len(piece.text) <= _LONGEST_LABEL and bool(_LABEL.fullmatch(piece.text))


def _is_spread(row: _Row) -> bool:
    label, value = row
    return value.left - label.right > TABULAR * label.size


def _are_labels(run: Sequence[_Row]) -> bool:
    """Whether most values hold a digit, and they are not the pages of a table of contents."""
    values = [value.text for _, value in run]
    digits = sum(any(map(str.isdigit, value)) for value in values)
    return (
        len(run) >= _LEAST_ROWS
        and len({label.text for label, _ in run}) == len(run)
        and digits >= _WITH_DIGITS * len(run)
        and not _count_up(values)
        and not is_prose([value for _, value in run])
    )


def _count_up(values: Sequence[str]) -> bool:
    """Whether all are whole numbers, none less than the one before."""
    return all(map(str.isdecimal, values)) and all(
        int(one) <= int(other) for one, other in pairwise(values)
    )
