"""The grid of a table: which cell covers which place, and what kind of text it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

_YEAR = re.compile(r"(?:(?:FY|CY|Q[1-4])[ -]?)?(?:1[89]|20)\d\d(?:[/-]\d\d(?:\d\d)?)?")
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[ T]\d.*)?|\d{1,3}:\d\d(?::\d\d)?(?: [AaPp]\.?[Mm]\.?)?"
    r"|\d{1,2}\.? \w{3,12}\.?,? \d{4}|\w{3,12}\.? \d{1,2}, \d{4}"
)
_NUMBER = re.compile(r"[^\w\s]{0,2}\s?[-+(]?\d[\d.,\s'’]*\)?\s?(?:%|[^\w\s]|[A-Za-z]{1,3})?")

TextKind = Literal["year", "date", "number", "words"]


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell as a file gives it; cells that a larger one covers are left out, as in HTML.

    ``is_head`` says that the file marks it as a head.
    """

    text: str
    columns: int = 1
    rows: int = 1
    is_head: bool = False


class Slot(NamedTuple):
    """A place of the grid: the cell that covers it, and whether the cell begins there."""

    cell: TableCell
    identity: int
    is_first_column: bool = True
    is_first_row: bool = True

    @property
    def text(self) -> str:
        """What the cell holds."""
        return self.cell.text


Row = Sequence[Slot | None]


def grid(rows: Sequence[Sequence[TableCell]]) -> list[list[Slot | None]]:
    """Give each cell its places: those left of it in its row, and above it, may be covered."""
    places: list[list[Slot | None]] = [[] for _ in rows]
    identity = 0
    for number, row in enumerate(rows):
        own = places[number]
        column = 0
        for cell in row:
            while column < len(own) and own[column] is not None:
                column += 1
            identity += 1
            if cell.columns <= 1 and cell.rows <= 1 and column == len(own):
                own.append(Slot(cell, identity))
                column += 1
                continue
            width = max(cell.columns, 1)
            for below in range(number, min(number + max(cell.rows, 1), len(places))):
                covered = places[below]
                covered.extend([None] * (column + width - len(covered)))
                for right in range(column, column + width):
                    covered[right] = Slot(cell, identity, right == column, below == number)
            column += width
    return places


def filled_slots(row: Row) -> list[Slot]:
    """Return the cells of ``row`` that hold something, each once."""
    return [slot for slot in row if slot and slot.is_first_column and slot.cell.text]


def covered_columns(row: Row) -> int:
    """Return how many columns the cells of ``row`` that hold something cover."""
    return sum(max(slot.cell.columns, 1) for slot in filled_slots(row))


def starts(row: Row) -> list[tuple[int, Slot]]:
    """Return the cells of ``row`` that hold something, each with the column that it begins in."""
    return [
        (column, slot)
        for column, slot in enumerate(row)
        if slot and slot.is_first_column and slot.cell.text
    ]


def value_kind(text: str) -> TextKind:
    """Return what ``text`` is, as far as it tells heads from values."""
    if _YEAR.fullmatch(text):
        return "year"
    if _DATE.fullmatch(text):
        return "date"
    return "number" if _NUMBER.fullmatch(text) else "words"
