"""Tables of Word: rows with their merged cells, and what stands in the cells besides words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aiqa.documents.docx.inline import Inline
from aiqa.documents.docx.structure import block_contents, properties_of
from aiqa.documents.ooxml.names import attribute, child, integer, is_on, prefixed
from aiqa.documents.tables import TableCell

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_COLUMNS = 63
"""Of a table in Word."""

_MOST_BOLD_ROWS = 3
"""Rows at the top that are taken for heads because they are bold."""


@dataclass(slots=True)
class WordTable:
    """A table as rows of cells, and what hangs on its words or stands in its cells."""

    rows: list[list[TableCell]] = field(default_factory=list)
    anchored: list[_Element] = field(default_factory=list)
    nested: list[_Element] = field(default_factory=list)

    @property
    def header(self) -> bool | None:
        """Whether the first row names the columns: not if it has a head of its own."""
        heads = [cell.is_head for cell in self.rows[0]] if self.rows else []
        return False if any(heads) and not all(heads) else None


@dataclass(slots=True)
class _Draft:
    """A cell while the rows below may still be merged into it."""

    words: list[str]
    columns: int
    is_bold: bool
    rows: int = 1

    @property
    def text(self) -> str:
        return " ".join(filter(None, self.words))


def read_table(table: _Element, read: Callable[[_Element], Inline]) -> WordTable:
    """Return what stands in ``table``; ``read`` returns what stands in a paragraph."""
    result = WordTable()
    drafts: list[list[_Draft]] = []
    heads: list[bool] = []
    above: dict[int, _Draft] = {}
    for row in docx_table_rows(table):
        drafts.append([])
        heads.append(is_on(child(row, "w:trPr", "w:tblHeader")))
        above = _row(row, above, drafts[-1], result, read)
    marked = any(heads)
    bold = 0 if marked else _bold_rows(drafts)
    result.rows = [
        _cells(row, is_head=heads[number] if marked else number < bold)
        for number, row in enumerate(drafts)
    ]
    return result


def docx_table_rows(table: _Element) -> Iterator[_Element]:
    """Yield the rows of ``table`` that were not deleted."""
    for row in block_contents(table):
        if prefixed(row) == "w:tr" and child(row, "w:trPr", "w:del") is None:
            yield row


def row_cells(row: _Element) -> Iterator[_Element]:
    """Yield the cells of ``row`` that were not deleted."""
    for cell in block_contents(row):
        if prefixed(cell) == "w:tc" and child(cell, "w:tcPr", "w:cellDel") is None:
            yield cell


def _row(
    row: _Element,
    above: dict[int, _Draft],
    drafts: list[_Draft],
    result: WordTable,
    read: Callable[[_Element], Inline],
) -> dict[int, _Draft]:
    """Read ``row`` into ``drafts``; return its cells that may go on below, by their columns."""
    below: dict[int, _Draft] = {}
    column = _columns(child(row, "w:trPr", "w:gridBefore"), default=0)
    if column:
        drafts.append(_Draft([], column, is_bold=False))
    for cell in row_cells(row):
        properties = properties_of(cell, "w:tcPr")
        columns = _columns(properties.get("w:gridSpan"), default=1)
        draft = _draft(cell, columns, result, read)
        merged = properties.get("w:vMerge")
        goes_on = _is_covered(merged)
        upper = above.get(column)
        if _is_covered(properties.get("w:hMerge")) and drafts:
            drafts[-1].columns += columns
            drafts[-1].words += draft.words
        elif goes_on and upper is not None and upper.columns == columns and not draft.text:
            upper.rows += 1
            below[column] = upper
        else:
            drafts.append(draft)
            if merged is not None:
                below[column] = draft
        column += columns
    return below


def _columns(element: _Element | None, *, default: int) -> int:
    if element is None:
        return default
    return min(max(integer(element, "w:val", default), default), _MOST_COLUMNS)


def _is_covered(merged: _Element | None) -> bool:
    return merged is not None and attribute(merged, "w:val", "continue") == "continue"


def _draft(
    cell: _Element, columns: int, result: WordTable, read: Callable[[_Element], Inline]
) -> _Draft:
    words: list[str] = []
    is_bold = True
    for element in block_contents(cell):
        match prefixed(element):
            case "w:p":
                inline = read(element)
                words.append(inline.text.strip())
                is_bold = is_bold and inline.is_bold
                result.anchored += inline.anchored
            case "w:tbl":
                result.nested.append(element)
    return _Draft(words, columns, is_bold and any(words))


def _bold_rows(rows: list[list[_Draft]]) -> int:
    """Return how many rows at the top are heads because they are bold and those below are not."""
    bold = 0
    while bold < len(rows) and all(cell.is_bold or not cell.text for cell in rows[bold]):
        bold += 1
    filled = [sum(bool(cell.text) for cell in row) for row in rows[:bold]]
    # A single bold cell in a row of several heads what stands below it, not a column.
    heads = next((i for i, count in enumerate(filled) if i and count == 1), bold)
    return heads if heads <= _MOST_BOLD_ROWS and bold < len(rows) else 0


def _cells(row: list[_Draft], *, is_head: bool) -> list[TableCell]:
    """Return the cells of ``row``; in a body row a bold first cell is its head."""
    filled = [draft for draft in row if draft.text]
    cells = [TableCell(draft.text, draft.columns, draft.rows, is_head) for draft in row]
    if not is_head and len(filled) > 1 and row[0].is_bold and not all(d.is_bold for d in filled):
        cells[0] = replace(cells[0], is_head=True)
    return cells
