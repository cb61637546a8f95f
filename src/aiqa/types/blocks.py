"""Blocks: what the parts of a document's text are, such as headings, list items and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from aiqa.types.spans import Span

_NAMED_CLAUSE = re.compile(r"(?:§+|[^\W\d_]{3,}\.?) ?(?:\d[\d.]*|[IVXLC]+)[.:]?")
"""A number that says what it is of: "§ 4", "Article II"."""

BlockKind = Literal[
    "heading",
    "paragraph",
    "list item",
    "table",
    "code",
    "caption",
    "note",
    "comment",
    "page header",
    "page footer",
    "form field",
]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its place in the grid and in the document's text.

    ``row`` and ``column`` count from 0, rows of column heads included; the cell covers ``columns``
    columns. ``text[start:body]`` repeats the head of its column ("Price: "), and is empty where
    there is none; ``text[body:end]`` is what the cell holds. ``is_head`` says that this heads its
    row or column. A cell that covers several rows is repeated in each of them.
    """

    row: int
    column: int
    start: int
    body: int
    end: int
    columns: int = 1
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document's text: ``text[start:end]``. Blocks do not overlap.

    ``level`` is that of a heading or the depth of a list item, both from 1. ``label`` is the
    number or marker that the document shows ("7.2", "a)", "-"), the name of a note, a comment or a
    form field ("footnote 3", "comment by Ada Finch"), and for a table its own name ("table 2") or,
    in a workbook, the address of its first cell ("B3"). A table has ``cells``, in the order of
    their text, each row a line.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    label: str = ""
    cells: tuple[Cell, ...] = ()

    @property
    def span(self) -> Span:
        """Where the block stands in its document."""
        return Span(self.start, self.end)

    def cell_at(self, offset: int) -> Cell | None:
        """Return the cell that holds character ``offset``; None between cells."""
        return next((cell for cell in self.cells if cell.start <= offset < cell.end), None)

    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """Return the cells of ``row``, in the order of their text."""
        return tuple(cell for cell in self.cells if cell.row == row)

    def to_row(self) -> list[Any]:
        """Return the block as JSON values; see ``from_row``."""
        cells = [
            [cell.row, cell.column, cell.start, cell.body, cell.end, cell.columns, cell.is_head]
            for cell in self.cells
        ]
        return [self.kind, self.start, self.end, self.level, self.label, cells]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the block that ``to_row`` gave ``row`` for.

        Raises:
            ValueError: there is no such kind of block.
        """
        kind, start, end, level, label, cells = row
        if kind not in get_args(BlockKind):
            raise ValueError(f"There is no kind of block {kind!r}.")
        return cls(kind, start, end, level, label, tuple(Cell(*cell) for cell in cells))


def place(block: Block, offset: int, text: str, sheet: str = "") -> str:
    """Return how people write the place of character ``offset`` of ``text`` within ``block``.

    Examples are "Sheet1!B14", "table 2, row 4, 'Notice period'", "footnote 3" and "clause 7.2".
    The result is empty where the block has nothing to name it by. ``sheet`` is the name of the
    worksheet that the block stands on.
    """
    match block.kind:
        case "table" if cell := block.cell_at(offset):
            return _cell_place(block, cell, text, sheet)
        case "note" | "comment":
            return block.label or block.kind
        case "page header" | "page footer":
            return block.kind
        case "form field":
            return f"field '{block.label}'" if block.label else block.kind
        case "list item" | "paragraph":
            return _numbered_place(block.label)
    return ""


def _numbered_place(label: str) -> str:
    """Return the clause, or the time at which something is said, that ``label`` is."""
    if _NAMED_CLAUSE.fullmatch(label):
        return label.rstrip(".:")
    if not label[:1].isdigit():
        return ""
    if ":" in label:
        return label
    return f"clause {label.rstrip('.')}" if "." in label.rstrip(".") else ""


def _cell_place(block: Block, cell: Cell, text: str, sheet: str) -> str:
    if sheet:
        return f"{sheet}!{_address(block.label, cell)}"
    name = text[cell.start : cell.body].rstrip(": ")
    parts = [block.label or "table", f"row {cell.row + 1}"]
    return ", ".join([*parts, f"'{name}'"] if name else parts)


def _address(origin: str, cell: Cell) -> str:
    """Return the address of ``cell`` in a sheet where the table begins at ``origin`` ("B3")."""
    letters = origin.rstrip("0123456789")
    column = cell.column + sum(
        (ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters))
    )
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return f"{name}{int(origin[len(letters) :]) + cell.row}"
