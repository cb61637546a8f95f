"""Tables of HTML: their cells, and tables that only place things on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.html_elements import BLOCKS, contents, element_words, is_hidden, names
from aiqa.documents.html_inline import inline_pieces, inline_text_of
from aiqa.documents.tables import TableCell

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_COLUMNS = 1000
"""That a cell covers, by HTML's own rules."""

_MOST_PLACES = 1_000_000
"""Of a table's grid: where cells claim to cover more, each covers one."""

_PARTS = ("thead", "tbody", "tfoot")
_ORDER = {"thead": 0, "tfoot": 2}
_GUTTERS = frozenset(("gutter", "linenos", "lineno", "line-numbers", "line-number", "blob-num"))
_TITLES = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def rows_of(table: _Element) -> list[list[_Element]]:
    """Return the cells of each row as they are shown: the head first and the foot last."""
    parts = sorted(
        (part for part in table if part.tag in (*_PARTS, "tr") and not is_hidden(part)),
        key=lambda part: _ORDER.get(part.tag, 1),
    )
    rows = [row for part in parts for row in ([part] if part.tag == "tr" else part)]
    return [
        [cell for cell in row if cell.tag in ("td", "th") and not is_hidden(cell)]
        for row in rows
        if row.tag == "tr" and not is_hidden(row)
    ]


def is_layout(table: _Element, rows: list[list[_Element]]) -> bool:
    """Whether ``table`` only places what it holds: tables, headings, code, or one cell a row."""
    if names(table) & {"presentation", "none"}:
        return True
    cells = [cell for row in rows for cell in row]
    if any(cell.tag == "th" for cell in cells):
        return False
    if all(len(row) <= 1 for row in rows):
        return True
    return any(
        inner.tag in ("table", "pre") or inner.tag in _TITLES
        for cell in cells
        for inner in cell.iter("table", "pre", *_TITLES)
    )


def is_gutter(cell: _Element) -> bool:
    """Whether ``cell`` holds the line numbers of code beside it."""
    return bool(_GUTTERS & names(cell))


def table_cells(rows: list[list[_Element]]) -> list[list[TableCell]]:
    """Return the cells of each row with what they cover and hold."""
    spans = [[_spans(cell, len(rows)) for cell in row] for row in rows]
    if sum(columns * below for row in spans for columns, below in row) > _MOST_PLACES:
        spans = [[(1, 1) for _ in row] for row in rows]
    return [
        [
            TableCell(cell_text(cell), columns, below, is_head=_is_head(cell))
            for cell, (columns, below) in zip(row, covered, strict=True)
        ]
        for row, covered in zip(rows, spans, strict=True)
    ]


def cell_text(cell: _Element) -> str:
    """Return what ``cell`` holds as one line, its lines and list items set apart by commas."""
    lines = [" ".join(line.split()) for line in _lines(cell)]
    text = ""
    for line in filter(None, lines):
        text += _joint(text, line, plain=cell.tag == "th") + line
    return text


def _is_head(cell: _Element) -> bool:
    parent = cell.getparent()
    above = parent.getparent() if parent is not None else None
    return cell.tag == "th" or (above is not None and above.tag == "thead")


def _spans(cell: _Element, rows: int) -> tuple[int, int]:
    columns = min(_number(cell.get("colspan")), _MOST_COLUMNS)
    below = cell.get("rowspan")
    # Zero means as far as the table goes.
    return max(columns, 1), rows if below == "0" else min(max(_number(below), 1), rows)


def _number(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,6})", value or "")
    return int(digits[1]) if digits else 1


def _lines(element: _Element) -> Iterator[str]:
    """Yield the lines of a cell: its blocks, and what line breaks set apart."""
    loose: list[str | _Element] = []
    for item in contents(element):
        if isinstance(item, str) or not (
            item.tag in BLOCKS or any(inner.tag in BLOCKS for inner in item.iter("*"))
        ):
            loose.append(item)
        elif not is_hidden(item):
            yield from inline_text_of(inline_pieces(loose)).split("\n")
            loose = []
            yield from _lines(item)
    yield from inline_text_of(inline_pieces(loose)).split("\n")


def _joint(before: str, line: str, *, plain: bool) -> str:
    """Return what stands between two lines: a comma unless a sentence just goes on or is over."""
    if not before:
        return ""
    goes_on = line[:1].islower() or not line[:1].isalnum()
    ends = not before[-1].isalnum() and before[-1] not in ")]%"
    return " " if plain or goes_on or ends else ", "


def caption_of(table: _Element) -> str:
    """Return the caption of ``table``."""
    found = table.find("caption")
    return "" if found is None or is_hidden(found) else element_words(found)
