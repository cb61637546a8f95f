"""Tables: cells in a grid, which of them are heads, and the lines of text that they make.

A row becomes one line in which each cell follows the name of its column ("Region: South; 2024:
260"), so that a row is understood, retrieved and quoted without the rest of its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiqa.types import Cell

_YEAR = re.compile(r"(?:(?:FY|CY|Q[1-4])[ -]?)?(?:1[89]|20)\d\d(?:[/-]\d\d(?:\d\d)?)?")
_NUMBER = re.compile(r"[^\w\s]{0,2}\s?[-+(]?\d[\d.,\s'’]*\)?\s?(?:%|[^\w\s]|[A-Za-z]{1,3})?")

_MOST_LABEL_WORDS = 6
"""Words of a label in the first column of a table of labels and values."""

_PAIR = 2
_MOST_HEAD_ROWS = 3
_MOST_HEAD_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell as a file gives it; cells that a larger one covers are left out, as in HTML.

    ``is_head`` says that the file marks it as a head.
    """

    text: str
    columns: int = 1
    rows: int = 1
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place of the grid: the cell that covers it, and whether the cell begins there."""

    cell: TableCell
    identity: int
    is_first_column: bool = True
    is_first_row: bool = True

    @property
    def text(self) -> str:
        return self.cell.text


_Grid = list[list[_Slot | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as text, the index of the row, and its cells counted from the line's beginning."""

    row: int
    text: str
    cells: tuple[Cell, ...]
    is_title: bool = False
    """Whether the row is one cell above or between the others, such as a title."""


def table_lines(rows: Sequence[Sequence[TableCell]], *, header: bool | None = None) -> list[Line]:
    """Return a line for each row of a table that holds something.

    Args:
        rows: the cells of each row from the left, their texts without line breaks.
        header: whether the first row, titles aside, holds the names of the columns; None to judge
            by the cells themselves.
    """
    grid = _grid(rows)
    titles = {number for number, row in enumerate(grid) if _is_title(row)}
    body = [number for number in range(len(grid)) if number not in titles]
    heads = body[: _head_rows([grid[number] for number in body], header=header)]
    names = _names([grid[number] for number in heads])
    labelled = not heads and _are_labels([grid[number] for number in body])
    unused = {column for column in range(len(names)) if names[column]} - {
        column
        for number in body[len(heads) :]
        for column, slot in enumerate(grid[number])
        if slot and slot.text and slot.is_first_column
    }
    lines: list[Line] = []
    for number, row in enumerate(grid):
        if number in titles:
            lines.append(_title(number, row))
        elif number in heads:
            # Heads are repeated by the rows below; a head of an empty column stands nowhere else.
            if unused or len(heads) == len(body):
                lines.append(_line(number, row, [], is_head=True))
        else:
            lines.append(_line(number, row, names, labelled=labelled))
    return [line for line in lines if line.text]


def _grid(rows: Sequence[Sequence[TableCell]]) -> _Grid:
    """Give each cell its places: those left of it in its row, and above it, may be covered."""
    grid: _Grid = [[] for _ in rows]
    identity = 0
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while column < len(grid[number]) and grid[number][column] is not None:
                column += 1
            identity += 1
            for below in range(number, min(number + max(cell.rows, 1), len(grid))):
                places = grid[below]
                places.extend([None] * (column + max(cell.columns, 1) - len(places)))
                for right in range(column, column + max(cell.columns, 1)):
                    places[right] = _Slot(cell, identity, right == column, below == number)
            column += max(cell.columns, 1)
    return grid


def _filled(row: Sequence[_Slot | None]) -> list[_Slot]:
    """Return the cells of ``row`` that hold something, each once."""
    return [slot for slot in row if slot and slot.text and slot.is_first_column]


def _is_title(row: Sequence[_Slot | None]) -> bool:
    """Whether one cell over the full width of several columns is all that ``row`` holds."""
    filled = _filled(row)
    return len(filled) == 1 and len(row) > 1 and filled[0].cell.columns >= len(row)


def _head_rows(grid: Sequence[Sequence[_Slot | None]], *, header: bool | None) -> int:
    """Return how many rows at the top of ``grid``, which has no titles, name the columns."""
    if header is False or not grid or not _filled(grid[0]):
        return 0
    marked = 0
    for row in grid:
        filled = _filled(row)
        if not filled or not all(slot.cell.is_head for slot in filled):
            break
        marked += 1
    if marked:
        return marked if marked < len(grid) else 0
    if len(grid) == 1:
        return 0
    if header is None and not _names_columns(grid):
        return 0
    if header is None and max(map(len, grid)) == _PAIR and _are_labels(grid):
        return 0
    return _spread(grid)


def _spread(grid: Sequence[Sequence[_Slot | None]]) -> int:
    """Return the rows that a head takes whose upper cells cover several columns or rows."""
    rows = 1
    while (
        rows < min(_MOST_HEAD_ROWS, len(grid) - 1)
        and any(slot and slot.cell.columns > 1 and slot.text for slot in grid[rows - 1])
        and _are_heads(grid[rows])
    ):
        rows += 1
    return rows


def _names_columns(grid: Sequence[Sequence[_Slot | None]]) -> bool:
    """Whether the first row looks like names of columns beside the rows below it."""
    if not _are_heads(grid[0]):
        return False
    width = max(len(_filled(row)) for row in grid[1:])
    return len(_filled(grid[0])) > 1 and 2 * len(_filled(grid[0])) >= width


def _are_heads(row: Sequence[_Slot | None]) -> bool:
    """Whether the cells of ``row`` are short words or years, and no other numbers."""
    texts = [slot.text for slot in _filled(row)]
    return bool(texts) and all(
        len(text) <= _MOST_HEAD_CHARACTERS
        and (_YEAR.fullmatch(text) or not _NUMBER.fullmatch(text))
        for text in texts
    )


def _are_labels(grid: Sequence[Sequence[_Slot | None]]) -> bool:
    """Whether the rows are labels, each with its value beside it.

    They have a head above them if the first value alone has no digit, or fewer words than any.
    """
    rows = [[slot.text for slot in _filled(row)] for row in grid]
    pairs = [row for row in rows if len(row) == _PAIR]
    if any(len(row) > _PAIR for row in rows) or not pairs:
        return False
    labels, values = zip(*pairs, strict=True)
    if len(set(labels)) < len(labels) or any(
        len(label.split()) > _MOST_LABEL_WORDS or _NUMBER.fullmatch(label) for label in labels
    ):
        return False
    if len(values) == 1:
        return True
    numeric = [any(character.isdigit() for character in value) for value in values]
    words = [len(value.split()) for value in values]
    headed = not numeric[0] and (all(numeric[1:]) or words[0] < min(words[1:]))
    return not headed


def _names(heads: Sequence[Sequence[_Slot | None]]) -> list[str]:
    """Return the name of each column: the heads above it, from the top, each cell once."""
    names = []
    for column in range(max(map(len, heads), default=0)):
        slots = [row[column] for row in heads if column < len(row)]
        own: dict[int, str] = {slot.identity: slot.text for slot in slots if slot and slot.text}
        names.append(" ".join(dict.fromkeys(own.values())))
    return names


def _title(number: int, row: Sequence[_Slot | None]) -> Line:
    slot = _filled(row)[0]
    text = slot.text if slot.is_first_row else ""
    return Line(
        number, text, (Cell(number, 0, 0, 0, len(text), len(row), is_head=True),), is_title=True
    )


def _line(
    number: int,
    row: Sequence[_Slot | None],
    names: Sequence[str],
    *,
    is_head: bool = False,
    labelled: bool = False,
) -> Line:
    parts: list[str] = []
    cells: list[Cell] = []
    length = 0
    for column, slot in enumerate(row):
        if not (slot and slot.text and slot.is_first_column):
            continue
        name = names[column] if column < len(names) else ""
        prefix = f"{name}: " if name else ""
        if parts:
            gap = ": " if labelled and len(cells) == 1 else "; "
            parts.append(gap)
            length += len(gap)
        start, body = length, length + len(prefix)
        length = body + len(slot.text)
        head = is_head or slot.cell.is_head or (labelled and not cells)
        cells.append(Cell(number, column, start, body, length, slot.cell.columns, head))
        parts += [prefix, slot.text]
    return Line(number, "".join(parts), tuple(cells))


def moved(cells: Iterable[Cell], by: int) -> tuple[Cell, ...]:
    """Return ``cells`` with their places in the text moved on by ``by`` characters."""
    return tuple(
        replace(cell, start=cell.start + by, body=cell.body + by, end=cell.end + by)
        for cell in cells
    )
