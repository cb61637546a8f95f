"""Tables: the lines of text that cells in a grid make.

A row becomes one line in which each cell follows the name of its column ("Region: South; 2024:
260"), so that a row is understood, retrieved and quoted without the rest of its table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiqa.documents.table_grid import Row, TableCell, filled_slots, grid, starts
from aiqa.documents.table_groups import fill_groups
from aiqa.documents.table_heads import find_heads, upper_names
from aiqa.types import Cell

__all__ = ["TableCell", "TableLine", "cells_at", "table_lines"]


_Values = tuple[int, int, int, int, int, int, bool]
"""Those of a ``Cell``, in its order."""


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row as text, the index of the row, and its cells counted from the line's beginning."""

    row: int
    text: str
    cells: Sequence[_Values]
    is_title: bool = False
    """Whether the row stands alone above, between or below the others, such as a title."""


def table_lines(
    rows: Sequence[Sequence[TableCell]], *, header: bool | None = None, grouped: bool = True
) -> list[TableLine]:
    """Return a line for each row of a table that holds something.

    Args:
        rows: the cells of each row from the left, their texts without line breaks.
        header: whether the first row, titles aside, holds the names of the columns; None to judge
            by the cells themselves.
        grouped: whether a blank may stand for the name of a group in the row above.
    """
    places = grid(rows)
    heads = find_heads(places, header=header)
    if grouped and heads.rows:
        below = range(heads.rows[-1] + 1, len(places))
        body = [n for n in below if n not in heads.titles and any(places[n])]
        fill_groups(places, body)
    names = _names([places[number] for number in heads.rows])
    first = [slot.text for slot in filled_slots(places[heads.rows[0]])] if heads.rows else []
    # A head is repeated by the rows below it; that of an empty column stands nowhere else.
    unused = {column for column, name in enumerate(names) if name}
    for number, row in enumerate(places):
        if not unused:
            break
        if number not in heads.titles and number not in heads.rows and not _repeats(row, first):
            unused.difference_update(column for column, _ in starts(row))
    lines: list[TableLine] = []
    for number, row in enumerate(places):
        if number in heads.titles:
            lines.append(_title(number, row))
        elif number in heads.rows:
            if unused:
                lines.append(_line(number, row, [], is_head=True))
        elif not _repeats(row, first):
            label = {"labelled": heads.labelled, "paired": heads.paired}
            lines.append(_line(number, row, names, **label))
    return [line for line in lines if line.text]


def cells_at(place: int, line: TableLine) -> Iterator[Cell]:
    """Yield the cells of ``line`` as they stand in a text where it begins at ``place``."""
    for row, column, start, body, end, columns, is_head in line.cells:
        yield Cell(row, column, start + place, body + place, end + place, columns, is_head)


def _names(heads: Sequence[Row]) -> list[str]:
    """Return the name of each column: the heads above it, from the top, each cell once."""
    if len(heads) > 1:
        heads = [upper_names(heads[0], heads[-1]), *heads[1:]]
    names = []
    for column in range(max(map(len, heads), default=0)):
        slots = [row[column] for row in heads if column < len(row)]
        own: dict[int, str] = {slot.identity: slot.text for slot in slots if slot and slot.text}
        names.append(" ".join(dict.fromkeys(own.values())))
    return names


def _repeats(row: Row, names: Sequence[str]) -> bool:
    """Whether ``row`` is the head once more, as on every page of a printed table."""
    return (
        bool(names)
        and any(slot and slot.cell.text == names[0] for slot in row[:2])
        and [slot.text for slot in filled_slots(row)] == names
    )


def _title(number: int, row: Row) -> TableLine:
    """Return a row that stands alone: one cell, or a label with what is said of it."""
    slots = filled_slots(row)
    line = _line(number, row, [], is_head=len(slots) == 1, labelled=True)
    is_shown = any(slot.is_first_row for slot in slots)
    return TableLine(number, line.text if is_shown else "", line.cells, is_title=True)


def _line(
    number: int,
    row: Row,
    names: Sequence[str],
    *,
    is_head: bool = False,
    labelled: bool = False,
    paired: bool = False,
) -> TableLine:
    parts: list[str] = []
    cells: list[_Values] = []
    length = 0
    for column, slot in starts(row):
        cell = slot.cell
        name = names[column] if column < len(names) else ""
        if parts:
            beside = cells[-1][1] == column - 1 and column % 2 == 1
            is_named = beside if paired else labelled and len(cells) == 1
            gap = _gap(parts[-1]) if is_named else "; "
            parts.append(gap)
            length += len(gap)
        start = length
        if name:
            prefix = f"{name}: "
            parts.append(prefix)
            length += len(prefix)
        body = length
        parts.append(cell.text)
        length += len(cell.text)
        is_label = column % 2 == 0 if paired else labelled and not cells
        marked = is_head or cell.is_head or is_label
        cells.append((number, column, start, body, length, cell.columns, marked))
    return TableLine(number, "".join(parts), cells)


def _gap(label: str) -> str:
    """Return what stands between ``label`` and its value: a colon unless it ends with one."""
    return " " if label.endswith(":") else ": "
