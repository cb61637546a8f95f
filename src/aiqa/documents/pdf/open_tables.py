"""Tables of a PDF page with rules between their rows and blanks between their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from aiqa.documents.pdf.lines import Line
from aiqa.documents.pdf.reading_order import is_prose, pieces_of
from aiqa.documents.pdf.rules import Rule

_SAME_SIDE = 4.0
"""The rules of a table begin and end within this many points of each other."""

_LEAST_RULES = 2
_LEAST_ROWS = 2
_LEAST_COLUMNS = 2

_FILLED = 0.6
"""At least this share of the lines have words in several columns."""

_HEAD_ABOVE = 2.2
"""The heads may stand above the first rule, this many type sizes away at most."""

_MANY_LINES = 4
"""This many lines of running text beside others are columns of the page."""

_RULED_ROWS = 4
"""With this many spaces between rules, each is a row."""

_Row = list[Line]
"""Pieces of lines at one height."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """Its cells, row by row, each a list of pieces of lines, and the places of its sides."""

    rows: list[list[list[Line]]]
    left: float
    right: float
    top: float
    bottom: float


def open_tables(lines: Sequence[Line], level: Sequence[Rule]) -> Iterator[OpenTable]:
    """Yield the tables between horizontal rules of the same width."""
    for rules in _stacks(level):
        left, right = rules[0].start - _SAME_SIDE, rules[0].end + _SAME_SIDE
        inside = [
            piece
            for line in lines
            if not line.table
            for piece in pieces_of(line)
            if left <= piece.left and piece.right <= right
        ]
        bands = [rows_between(inside, above.at, below.at) for above, below in pairwise(rules)]
        for is_table, group in groupby(enumerate(bands), key=lambda item: _is_tabular(item[1])):
            if is_table:
                numbers = [number for number, _ in group]
                head = _head(inside, rules[numbers[0]].at)
                body = [bands[number] for number in numbers]
                bottom = rules[numbers[-1] + 1].at
                if found := _table([[head], *body] if head else body, left, right, bottom):
                    yield found


def _stacks(level: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Yield rules of the same width, from the top."""
    rest = sorted(level, key=lambda rule: rule.at)
    while rest:
        first = rest[0]
        stack = [
            rule
            for rule in rest
            if abs(rule.start - first.start) <= _SAME_SIDE
            and abs(rule.end - first.end) <= _SAME_SIDE
        ]
        rest = [rule for rule in rest if rule not in stack]
        if len(stack) >= _LEAST_RULES:
            yield stack


def _middle(piece: Line) -> float:
    return piece.base - piece.size / 2


def rows_between(pieces: Sequence[Line], top: float, bottom: float) -> list[_Row]:
    """Return the rows between two heights, each from the left."""
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: piece.base):
        if not top < _middle(piece) < bottom:
            continue
        if rows and piece.base - rows[-1][0].base < piece.size / 2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _head(pieces: Sequence[Line], top: float) -> _Row:
    """The row right above the first rule, if it has several pieces."""
    above = [piece for piece in pieces if _middle(piece) < top]
    reach = _HEAD_ABOVE * max((piece.size for piece in above), default=0.0)
    rows = rows_between(above, top - reach, top)
    return rows[-1] if rows and len(rows[-1]) > 1 else []


def _is_tabular(band: Sequence[_Row]) -> bool:
    """Whether most rows have several pieces, and these are no columns of running text."""
    if not band or sum(len(row) > 1 for row in band) < _FILLED * len(band):
        return False
    if len(band) < _MANY_LINES:
        return True
    columns = columns_of(band)
    return not any(
        len(cells) >= _MANY_LINES and is_prose(cells)
        for cells in ([p for row in band for p in row if is_in(p, c)] for c in columns)
    )


def columns_of(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Return where the pieces of rows with several stand, those that overlap together."""
    sides = sorted((piece.left, piece.right) for row in rows if len(row) > 1 for piece in row)
    columns: list[tuple[float, float]] = []
    for left, right in sides:
        if columns and left <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], right)
        else:
            columns.append((left, right))
    return columns


def is_in(piece: Line, column: tuple[float, float]) -> bool:
    """Whether the middle of ``piece`` stands in ``column``."""
    return column[0] <= (piece.left + piece.right) / 2 <= column[1]


def _table(
    bands: Sequence[Sequence[_Row]], left: float, right: float, bottom: float
) -> OpenTable | None:
    columns = columns_of([row for band in bands for row in band])
    if len(columns) < _LEAST_COLUMNS:
        return None
    rows: list[list[list[Line]]] = []
    for band in bands:
        for number, row in enumerate(band):
            cells = [[piece for piece in row if is_in(piece, column)] for column in columns]
            opens = cells[0] and len(row) > 1 and len(bands) < _RULED_ROWS
            if number and not opens:
                rows[-1] = [[*above, *below] for above, below in zip(rows[-1], cells, strict=True)]
            else:
                rows.append(cells)
    if len(rows) < _LEAST_ROWS:
        return None
    top = min(piece.base - piece.size for piece in bands[0][0])
    return OpenTable(rows, left, right, top, bottom)
