"""Tables on slides, with their merged cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiqa.documents.ooxml.drawing_text import body_text
from aiqa.documents.ooxml.names import NAMESPACES, ON, attribute, child, integer
from aiqa.documents.tables import TableCell
from aiqa.documents.text_builder import CanonicalText

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_SPAN = 75
"""Rows or columns of a table in PowerPoint."""


def add_table(table: _Element, text: CanonicalText) -> None:
    """Add a table; its first row names the columns if the table says so or it looks so."""
    properties = child(table, "a:tblPr")
    has_head = attribute(properties, "firstRow") in ON
    has_labels = attribute(properties, "firstCol") in ON
    rows = [_row(row, has_labels=has_labels) for row in table.iterfind("a:tr", NAMESPACES)]
    text.table(rows, header=True if has_head else None)


def _row(row: _Element, *, has_labels: bool) -> list[TableCell]:
    cells: list[TableCell] = []
    for cell in row.iterfind("a:tc", NAMESPACES):
        words = body_text(child(cell, "a:txBody"))
        covered = attribute(cell, "hMerge") in ON or attribute(cell, "vMerge") in ON
        if not covered:
            columns, rows = (
                min(max(integer(cell, name, 1), 1), _MOST_SPAN) for name in ("gridSpan", "rowSpan")
            )
            is_label = has_labels and not cells and len(row) > 1
            cells.append(TableCell(words, columns, rows, is_head=is_label and bool(words)))
    return cells
