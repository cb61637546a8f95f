"""Columns of a PDF page: in which order people read its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import NamedTuple

from aiqa.documents.pdf.lines import GUTTER, Line

_PROSE_CHARACTERS = 12
"""Lines of running text are at least this long on average; cells of tables are often shorter."""

_FULL_LINES = 0.5
"""In running text, at least this share of lines are as full as the next word let them be."""

_COLUMN_LINES = (3, 4)
"""A first gutter needs this many lines on its shorter and on its longer side."""

_TALL_LINES = 10
_TALL_CHARACTERS = 20
"""Beside a column of running text, one as tall and as wide may hold lists and formulas."""

_ALIGNED = 0.8
"""In a table, at least this share of the cells begin at the same height as the one beside them."""

_EDGE_SLACK = 3.0
"""Lines that start within this many points of each other start at the same edge."""

_TO_AND_FRO = 1 / 3
"""A file that changes the column this often, from piece to piece, goes across the page."""


class _Piece(NamedTuple):
    """Characters ``start`` to ``end`` of line ``number`` of the page, as a line."""

    number: int
    start: int
    end: int
    line: Line


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, given as its file has them, column by column where there are columns.

    Files mostly have them in that order already and know better what a float or a footnote
    interrupts; only where a file goes to and fro between columns is it put in order.
    """
    pieces = [piece for number, line in enumerate(lines) for piece in _pieces(number, line)]
    leaves = _cut(pieces)
    if len(leaves) == 1:
        return list(lines)
    column_of = {piece[:2]: column for column, leaf in enumerate(leaves) for piece in leaf}
    runs = sum(1 for _ in groupby(pieces, key=lambda piece: column_of[piece[:2]]))
    if runs <= _TO_AND_FRO * len(pieces):
        return [replace(line, column=column_of[number, 0]) for number, line in enumerate(lines)]
    return [
        replace(line, column=column)
        for column, leaf in enumerate(leaves)
        for line in _rejoined(leaf, lines)
    ]


def _pieces(number: int, line: Line) -> Iterator[_Piece]:
    """The line, split wherever a gutter could pass: the file may run across the columns."""
    for start, end in _stretches(line):
        yield _Piece(number, start, end, line.part(start, end))


def pieces_of(line: Line) -> list[Line]:
    """Return the parts of ``line`` between blanks as wide as a gutter."""
    return [line.part(start, end) for start, end in _stretches(line)]


def _stretches(line: Line) -> Iterable[tuple[int, int]]:
    return pairwise((0, *line.gaps, len(line.text)))


def _rejoined(leaf: Sequence[_Piece], lines: Sequence[Line]) -> Iterator[Line]:
    """Lines of a leaf; what was split in vain is made whole."""
    start = leaf[0].start
    for piece, after in zip(leaf, [*leaf[1:], None], strict=True):
        if after is None or (after.number, after.start) != (piece.number, piece.end):
            yield lines[piece.number].part(start, piece.end)
            start = after.start if after else 0


def _cut(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """The parts that are read one after the other, each in the order of the file."""
    for edge in _edges(pieces):
        bands = _bands(pieces, edge)
        if not any(_are_columns(left, right, _COLUMN_LINES) for left, right in bands):
            continue
        leaves: list[list[_Piece]] = []
        across: list[_Piece] = []
        for left, right in bands:
            if _are_columns(left, right, (1, 2)):
                leaves += [sorted(across)] if across else []
                leaves += _cut(left) + _cut(right)
                across = []
            else:
                across += left + right
        return leaves + ([sorted(across)] if across else [])
    return [sorted(pieces)]


def _edges(pieces: Sequence[_Piece]) -> list[float]:
    """Where a right-hand column may begin, the most likely first."""
    starts = Counter(round(piece.line.left / 2) for piece in pieces)
    scores = {}
    for start, count in starts.items():
        if count >= min(_COLUMN_LINES) and start > min(starts):
            bands = _bands(pieces, 2.0 * start)
            scores[2.0 * start] = sum(min(len(left), len(right)) for left, right in bands)
    likely = [edge for edge, score in scores.items() if score >= min(_COLUMN_LINES)]
    return sorted(likely, key=lambda edge: (-scores[edge], edge))


def _bands(pieces: Sequence[_Piece], edge: float) -> list[tuple[list[_Piece], list[_Piece]]]:
    """From top to bottom what stands left and right of ``edge``; what crosses it is left alone."""

    def side(piece: _Piece) -> int:
        if piece.line.left >= edge - _EDGE_SLACK:
            return 1
        return 0 if piece.line.right <= edge + 1 - GUTTER * piece.line.size else -1

    bands = []
    downwards = sorted(pieces, key=lambda piece: piece.line.base)
    for crosses, group in groupby(downwards, key=lambda piece: side(piece) < 0):
        band = list(group)
        if crosses:
            bands.append((band, list[_Piece]()))
        else:
            bands.append(([p for p in band if side(p) == 0], [p for p in band if side(p) == 1]))
    return bands


def _are_columns(left: Sequence[_Piece], right: Sequence[_Piece], lines: tuple[int, int]) -> bool:
    """Whether these are columns of running text, of at least so many ``lines``, not of cells."""
    shorter, longer = sorted((left, right), key=len)
    if len(shorter) < lines[0] or len(longer) < lines[1] or _is_table(left, right):
        return False
    if len(shorter) >= _TALL_LINES and min(map(_mean_length, (left, right))) >= _TALL_CHARACTERS:
        return _is_prose(left) or _is_prose(right)
    return _is_prose(longer) and (len(shorter) < min(_COLUMN_LINES) or _is_prose(shorter))


def _mean_length(pieces: Sequence[_Piece]) -> float:
    return sum(len(piece.line.text) for piece in pieces) / len(pieces)


def _is_prose(pieces: Sequence[_Piece]) -> bool:
    return is_prose([piece.line for piece in pieces])


def is_prose(lines: Sequence[Line]) -> bool:
    """Whether the lines are long, and broken where the next word did not fit."""
    if sum(len(line.text) for line in lines) < _PROSE_CHARACTERS * len(lines):
        return False
    full = pairs = 0
    for column in _same_edge(lines):
        margins: dict[float, float] = {}
        for line in column:
            margins[line.size] = max(margins.get(line.size, 0.0), line.right)
        for above, below in pairwise(sorted(column, key=lambda line: line.base)):
            pairs += 1
            full += above.right + below.advance() > margins[above.size]
    return full >= _FULL_LINES * pairs


def _same_edge(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that start at about the same edge, indents allowed, together."""
    columns: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.left):
        if columns and line.left - columns[-1][-1].left <= 2 * line.size:
            columns[-1].append(line)
        else:
            columns.append([line])
    return columns


def _is_table(left: Sequence[_Piece], right: Sequence[_Piece]) -> bool:
    """Whether the file goes from cell to cell: each of several lines, and side by side in rows."""
    sides = sorted([(piece, 0) for piece in left] + [(piece, 1) for piece in right])
    cells = [[piece for piece, _ in cell] for _, cell in groupby(sides, key=lambda item: item[1])]
    rows = [
        (cell, beside)
        for cell, beside in zip(cells[::2], cells[1::2], strict=False)
        if _has_lines(cell) or _has_lines(beside)
    ]
    aligned = sum(abs(a[0].line.base - b[0].line.base) < a[0].line.size / 3 for a, b in rows)
    return len(rows) > 1 and aligned >= _ALIGNED * len(rows)


def _has_lines(cell: Sequence[_Piece]) -> bool:
    return any(piece.line.base - cell[0].line.base > piece.line.size / 2 for piece in cell)
