"""Tables of a PDF page: those whose cells are bounded by rules, and others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median

import numpy as np

from aiqa.documents.pdf.bare_labels import label_tables
from aiqa.documents.pdf.bare_tables import bare_tables
from aiqa.documents.pdf.grids import Area, Grid, grids
from aiqa.documents.pdf.lines import CellLines, Line
from aiqa.documents.pdf.open_tables import OpenTable, open_tables
from aiqa.documents.pdf.rules import Rule

_MOST_CELL_LINES = 30
"""A box with more lines in it is a page or a column with a frame around it, not a cell."""

_LEAST_CELLS = 3
"""Frames with words in fewer of their cells are no tables."""

_LEAST_COLUMNS = 2
_LEAST_ROWS = 3
"""Fewer lines that stand beside each other in all cells may be words that did not fit."""

_Cells = Mapping[tuple[int, int], Sequence[Line]]


def with_tables(lines: Sequence[Line], rules: tuple[Sequence[Rule], Sequence[Rule]]) -> list[Line]:
    """Return ``lines`` with one line for each table, where the first of its words stood."""
    result = list(lines)
    level, upright = rules
    for grid in grids(level, upright):
        result = _with_table(result, grid)
    for table in open_tables(result, level):
        result = _with_open_table(result, table)
    for find in (bare_tables, label_tables):
        for table in find(result):
            result = _with_open_table(result, table)
    return result


def _with_open_table(lines: Sequence[Line], table: OpenTable) -> list[Line]:
    """Return ``lines`` with those that ``table`` takes up made one, if its cells hold them all."""
    grid = Grid([table.top, table.bottom], [table.left, table.right], [Area(0, 0)])
    owner = _owners(grid)
    result: list[Line] = []
    place: int | None = None
    length = 0
    for line in lines:
        for key, part in _parts(line, grid, owner):
            if key is None:
                result.append(part)
            else:
                place = len(result) if place is None else place
                length += len(part.ink)
    rows = [[CellLines(tuple(_rows_in(cell))) for cell in row] for row in table.rows]
    whole = _as_line(rows, grid)
    return [*result[:place], whole, *result[place:]] if len(whole.ink) == length else list(lines)


def _with_table(lines: Sequence[Line], grid: Grid) -> list[Line]:
    """Return ``lines`` with those in the cells of ``grid`` made one, if they are a table."""
    owner = _owners(grid)
    inside = defaultdict[tuple[int, int], list[Line]](list)
    result: list[Line] = []
    place: int | None = None
    for line in lines:
        for key, part in _parts(line, grid, owner):
            if key is None:
                result.append(part)
            else:
                place = len(result) if place is None else place
                inside[key].append(part)
    cells = {key: _rows_in(parts) for key, parts in inside.items()}
    if place is None or not _is_table(cells):
        return list(lines)
    return [*result[:place], _table(grid, cells), *result[place:]]


def _owners(grid: Grid) -> dict[tuple[int, int], Area]:
    return {
        (row, column): area
        for area in grid.areas
        for row in range(area.row, area.row + area.rows)
        for column in range(area.column, area.column + area.columns)
    }


def _parts(
    line: Line, grid: Grid, owner: Mapping[tuple[int, int], Area]
) -> Iterator[tuple[tuple[int, int] | None, Line]]:
    """Yield the pieces of ``line`` with the cells that they stand in; None outside."""
    if line.table or line.right < grid.columns[0] or line.left > grid.columns[-1]:
        yield None, line
        return
    boxes = line.boxes()
    middles = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])
    keys: list[tuple[int, int] | None] = []
    for x, y in middles.tolist():
        found = grid.place(x, y)
        area = owner[found] if found else None
        keys.append((area.row, area.column) if area else None)
    places = [index for index, letter in enumerate(line.text) if not letter.isspace()]
    numbered = zip(keys, places, strict=True)
    for key, group in groupby(numbered, key=lambda item: item[0]):
        run = [index for _, index in group]
        yield key, line.part(run[0], run[-1] + 1)


def _rows_in(parts: Sequence[Line]) -> list[Line]:
    """The lines of a cell from the top, and from left to right those beside each other."""
    rows: list[list[Line]] = []
    for line in sorted(parts, key=lambda line: line.base):
        if rows and line.base - rows[-1][0].base < line.size / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _is_table(cells: _Cells) -> bool:
    return (
        len(cells) >= _LEAST_CELLS
        and len({row for row, _ in cells}) > 1
        and len({column for _, column in cells}) > 1
        and all(len(lines) <= _MOST_CELL_LINES for lines in cells.values())
    )


def _table(grid: Grid, cells: _Cells) -> Line:
    """The table as one line, as large as its rules."""
    rows: list[list[CellLines]] = [[] for _ in grid.rows[1:]]
    for area in grid.areas:
        lines = tuple(cells.get((area.row, area.column), ()))
        rows[area.row].append(CellLines(lines, area.columns, area.rows))
    if all(area.rows == 1 for area in grid.areas):
        rows = [list(part) for row in rows for part in _split(row)]
    return _as_line(rows, grid)


def _as_line(rows: Sequence[Sequence[CellLines]], grid: Grid) -> Line:
    words = [line for row in rows for cell in row for line in cell.lines]
    return replace(
        words[0],
        text=" ".join(line.text for line in words),
        ink=b"".join(line.ink for line in words),
        size=median(line.size for line in words),
        left=min(grid.columns[0], *(line.left for line in words)),
        right=max(grid.columns[-1], *(line.right for line in words)),
        base=max(grid.rows[-1], *(line.base for line in words)),
        gaps=(),
        table=tuple(map(tuple, rows)),
    )


def _split(row: Sequence[CellLines]) -> Sequence[Sequence[CellLines]]:
    """Cut a row between two rules into those that only stand below each other.

    Each line of one cell then has one at its height in every other cell that holds something.
    """
    filled = [cell for cell in row if cell.lines]
    bases = [[line.base for line in cell.lines] for cell in filled]
    if len(filled) < _LEAST_COLUMNS or len(bases[0]) < _LEAST_ROWS:
        return [row]
    if any(len(lines) != len(bases[0]) for lines in bases):
        return [row]
    if np.ptp(np.array(bases), axis=0).max() > filled[0].lines[0].size / 2:
        return [row]
    return [
        [replace(cell, lines=cell.lines[index : index + 1]) for cell in row]
        for index in range(len(bases[0]))
    ]
