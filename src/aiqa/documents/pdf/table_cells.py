"""The cells of a table that is ruled on a PDF page: their words and where those stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiqa.documents.pdf.lines import CellLines
from aiqa.documents.pdf.paragraphs import joined
from aiqa.documents.tables import TableCell


@dataclass(frozen=True, slots=True)
class RuledTable:
    """Rows of cells; ``ink`` holds, by row and column, the boxes of the characters of a cell."""

    rows: Sequence[Sequence[TableCell]]
    ink: Mapping[tuple[int, int], bytes]


def ruled_table(rows: Sequence[Sequence[CellLines]]) -> RuledTable:
    """Join the lines of each cell of ``rows``, where cells that others cover are left out."""
    ink: dict[tuple[int, int], bytes] = {}
    covered: set[tuple[int, int]] = set()
    table = []
    for number, row in enumerate(rows):
        cells = []
        column = 0
        for cell in row:
            while (number, column) in covered:
                column += 1
            words, boxes = joined(cell.lines) if cell.lines else ("", b"")
            cells.append(TableCell(words, cell.columns, cell.rows))
            for below in range(number, number + cell.rows):
                ink[below, column] = boxes
                covered |= {(below, column + right) for right in range(cell.columns)}
            column += cell.columns
        table.append(cells)
    return RuledTable(table, ink)
