"""Tables of a PDF page without rules, told by their columns: words that head numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from aiqa.documents.pdf.lines import Line
from aiqa.documents.pdf.open_tables import OpenTable, columns_of, is_in, rows_between
from aiqa.documents.pdf.reading_order import is_prose, pieces_of
from aiqa.documents.table_grid import value_kind

_LEAST_COLUMNS = 3
_LEAST_ROWS = 3
"""The heads among them."""

_WIDEST_PITCH = 2.6
"""Rows of one table are at most this many type sizes apart."""

_FULL = 0.7
"""At least this share of the places in rows of several cells hold something."""

_LONGEST_MEAN = 40
"""Characters of a cell, on average; longer ones are lines of running text."""

_MOSTLY = 0.8
"""At least this share of the cells of a column of numbers are some."""

_LINE_PITCH = 1.5
"""A cell goes on with a line at most this many type sizes below."""

_TRIES = 4
"""The rows of a run that are left out at its end before it is no table."""

_SHORTEST_LINE = 20
"""Lines of narrow columns of running text are longer than this on average."""

_VALUES = ("number", "date", "year")

_Row = list[Line]
_Cells = list[list[Line]]
"""Of a row: for each column the pieces in it."""


def bare_tables(lines: Sequence[Line]) -> Iterator[OpenTable]:
    """Yield the tables that stand between no rules.

    Only columns of numbers or times below words make a table: what else stands in columns may be
    running text, an address or a formula.
    """
    pieces = [piece for line in lines if not line.table for piece in pieces_of(line)]
    rows = rows_between(pieces, float("-inf"), float("inf"))
    first = 0
    while first < len(rows):
        run = _run(rows, first) if _may_be_heads(rows, first) else []
        table = None
        for _ in range(_TRIES):
            if len(run) < _LEAST_ROWS or (table := _table(run)):
                break
            run = _shorter(run)
        if table:
            yield table
        first += len(run) if table else 1


def _may_be_heads(rows: Sequence[_Row], number: int) -> bool:
    """Whether a row holds several words and no number, and there are some in the next ones."""
    below = rows[number + 1 : number + _LEAST_ROWS]
    return (
        len(rows[number]) >= _LEAST_COLUMNS
        and not any(_is_value(piece, "number") or piece.text[-1] == ":" for piece in rows[number])
        and any(_is_value(piece, *_VALUES) for row in below for piece in row)
    )


def _is_value(piece: Line, *kinds: str) -> bool:
    return value_kind(piece.text) in kinds


def _run(rows: Sequence[_Row], first: int) -> list[_Row]:
    """Return the rows from ``first`` that are near enough to each other to be of one table."""
    run = [rows[first]]
    for row in rows[first + 1 :]:
        if row[0].base - run[-1][0].base > _WIDEST_PITCH * max(row[0].size, run[-1][0].size):
            break
        run.append(row)
    return run


def _shorter(run: Sequence[_Row]) -> list[_Row]:
    """Return ``run`` without its last row that looks like one of the table, and what follows."""
    last = max((n for n, row in enumerate(run) if len(row) >= _LEAST_COLUMNS), default=0)
    return [*run[: last + 1]] if last + 1 < len(run) else [*run[:-1]]


def _table(run: Sequence[_Row]) -> OpenTable | None:
    """Return the table that all of ``run`` is; None if it is none or only in part."""
    full = [row for row in run if len(row) >= _LEAST_COLUMNS]
    columns = _columns(full)
    if len(columns) < _LEAST_COLUMNS or len(full) < _LEAST_ROWS:
        return None
    rows = [_cells(row, columns) for row in run]
    if any(len(row) != sum(map(bool, cells)) for row, cells in zip(run, rows, strict=True)):
        return None
    numbers = range(len(columns))
    values = [number for number in numbers[1:] if _are_values(rows, number)]
    filled = sum(map(len, full)) / (len(columns) * len(full))
    if (
        not _has_values(rows, values)
        or filled < _FULL
        or any(_is_text(rows, number) for number in numbers)
    ):
        return None
    joined = _with_whole_cells(rows, values, columns)
    if len(joined) < _LEAST_ROWS:
        return None
    inside = [piece for row in run for piece in row]
    return OpenTable(
        joined,
        min(piece.left for piece in inside),
        max(piece.right for piece in inside),
        min(piece.base - piece.size for piece in inside),
        max(piece.base for piece in inside),
    )


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Return the sides of the columns; where a wide cell joins two, those that most rows tell."""
    columns = columns_of(rows)
    width = len(rows[0])
    alike = [row for row in rows if len(row) == width]
    if len(columns) >= width or len(alike) < _FULL * len(rows):
        return columns
    return [
        (median(row[n].left for row in alike), median(row[n].right for row in alike))
        for n in range(width)
    ]


def _cells(row: _Row, columns: Sequence[tuple[float, float]]) -> _Cells:
    """Return the pieces of ``row`` by column: in turn where there is one for each."""
    if len(row) == len(columns):
        return [[piece] for piece in row]
    cells: _Cells = [[] for _ in columns]
    for piece in row:
        away = [min(abs(piece.left - left), abs(piece.right - right)) for left, right in columns]
        inside = [n for n, column in enumerate(columns) if is_in(piece, column)]
        cells[inside[0] if len(inside) == 1 else away.index(min(away))].append(piece)
    return cells


def _has_values(rows: Sequence[_Cells], values: Sequence[int]) -> bool:
    """Whether one of the columns ``values`` holds numbers, or all but the first are among them."""
    return len(values) == len(rows[0]) - 1 or any(
        value_kind(row[column][0].text) == "number"
        for column in values
        for row in rows[1:]
        if row[column]
    )


def _are_values(rows: Sequence[_Cells], column: int) -> bool:
    """Whether a column holds words above numbers or dates, or a year above numbers."""
    kinds = [value_kind(row[column][0].text) for row in rows if row[column]]
    return (
        bool(rows[0][column])
        and len(kinds) >= _LEAST_ROWS
        and (kinds[0] == "words" or (kinds[0] == "year" and "number" in kinds))
        and sum(kind in _VALUES for kind in kinds[1:]) >= _MOSTLY * (len(kinds) - 1)
    )


def _is_text(rows: Sequence[_Cells], column: int) -> bool:
    """Whether a column is one of running text."""
    cells = [row[column][0] for row in rows if row[column]]
    length = sum(len(cell.text) for cell in cells) / max(len(cells), 1)
    return length > _LONGEST_MEAN or (
        length > _SHORTEST_LINE and len(cells) > _LEAST_ROWS and column > 0 and is_prose(cells)
    )


def _with_whole_cells(
    rows: Sequence[_Cells], values: Sequence[int], columns: Sequence[tuple[float, float]]
) -> list[_Cells]:
    """Return the rows, what a cell goes on with below joined to it.

    A line goes on with the row above if it has no values. The result is empty where a row is
    neither a whole one nor such a line, as the sum below a table is not.
    """
    joined: list[_Cells] = []
    bottom = 0.0
    for row in rows:
        base = next(piece.base for cell in row for piece in cell)
        if joined and not any(row[column] for column in values):
            if not _goes_on(row, bottom, columns):
                return []
            joined[-1] = [[*above, *below] for above, below in zip(joined[-1], row, strict=True)]
        elif not row[0] and any(_is_word_below_values(joined, row, n) for n in range(len(row))):
            return []
        else:
            joined.append(row)
        bottom = base
    return joined


def _is_word_below_values(above: Sequence[_Cells], row: _Cells, column: int) -> bool:
    """Whether a column of numbers has a word in ``row``."""
    cells = [one[column][0] for one in above[1:] if one[column]]
    return (
        bool(cells and row[column])
        and value_kind(row[column][0].text) == "words"
        and all(value_kind(cell.text) in _VALUES for cell in cells)
    )


def _goes_on(row: _Cells, bottom: float, columns: Sequence[tuple[float, float]]) -> bool:
    """Whether the lines in ``row`` go on with cells whose last lines stand at ``bottom``."""
    return all(
        piece.base - bottom <= _LINE_PITCH * piece.size and piece.right <= right + piece.size
        for cell, (_, right) in zip(row, columns, strict=True)
        for piece in cell
    )
