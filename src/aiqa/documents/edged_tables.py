"""Rows of tables whose cells are told by their right edges, as in Rich Text and old Word files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from aiqa.documents.tables import TableCell

_SAME_EDGE = 30
"""Edges this near, in twentieths of a point, are one."""


@dataclass(slots=True)
class CellForm:
    """Where a cell ends, and whether it goes on with the cell before it or above it."""

    edge: int = 0
    joins_left: bool = False
    joins_above: bool = False


@dataclass(slots=True)
class EdgedRow:
    """The cells of a row and their forms; ``is_head`` says that it is repeated on each page."""

    cells: list[str] = field(default_factory=list)
    forms: list[CellForm] = field(default_factory=list)
    is_head: bool = False


def table_rows(rows: Sequence[EdgedRow]) -> list[list[TableCell]]:
    """Return the rows as cells that cover as many columns and rows as they are shown to."""
    columns = _columns([form.edge for row in rows for form in row.forms])
    table: list[list[TableCell]] = []
    begun: dict[int, tuple[int, int]] = {}
    """Where the cell that covers a column of the row above stands in ``table``."""
    for row in rows:
        line: list[TableCell] = []
        covering: dict[int, tuple[int, int]] = {}
        left = 0
        for number, text in enumerate(row.cells):
            form = row.forms[number] if number < len(row.forms) else CellForm()
            right = max(columns.get(form.edge, left + 1), left + 1)
            if form.joins_left and line:
                joined = " ".join(filter(None, (line[-1].text, text)))
                line[-1] = replace(line[-1], text=joined, columns=line[-1].columns + right - left)
                place = len(table), len(line) - 1
            elif form.joins_above and left in begun:
                place = begun[left]
                above = table[place[0]][place[1]]
                joined = " ".join(filter(None, (above.text, text)))
                rows_covered = len(table) - place[0] + 1
                table[place[0]][place[1]] = replace(above, text=joined, rows=rows_covered)
            else:
                line.append(TableCell(text, columns=right - left, is_head=row.is_head))
                place = len(table), len(line) - 1
            covering.update(dict.fromkeys(range(left, right), place))
            left = right
        table.append(line)
        begun = covering
    return table


def _columns(edges: Sequence[int]) -> dict[int, int]:
    """Return the number of the column that ends at each edge, counted from 1."""
    numbers: dict[int, int] = {}
    last: int | None = None
    for edge in sorted(set(edges)):
        is_new = last is None or edge - last > _SAME_EDGE
        numbers[edge] = len(set(numbers.values())) + is_new
        last = edge if is_new else last
    return numbers
