"""Tables that a page builds of other elements, by their roles (WAI-ARIA) or their styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.html_elements import element_words, hides

if TYPE_CHECKING:
    from lxml.etree import _Element

_PARTS = {
    "table": "table",
    "grid": "table",
    "treegrid": "table",
    "row": "tr",
    "table-row": "tr",
    "cell": "td",
    "gridcell": "td",
    "table-cell": "td",
    "columnheader": "th",
    "rowheader": "th",
}
_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*(table(?:-row|-cell)?)\s*(?:;|$)")


def mark_tables(page: _Element) -> None:
    """Make tables of the elements in ``page`` that are laid out as such."""
    for table in [element for element in page.iter("*") if _part(element) == "table"]:
        rows = [list(_inside(row, ("td", "th"))) for row in _inside(table, ("tr",))]
        cells = [cell for row in rows for cell in row]
        # Where words stand outside of the cells, a table would lose them.
        if not cells or "".join(map(_letters, cells)) != _letters(table):
            continue
        for cell in cells:
            cell.tag, cell.tail = _part(cell), None
        _fill(table, rows)


def _fill(table: _Element, rows: list[list[_Element]]) -> None:
    """Let ``table`` hold these cells, row by row, and nothing else."""
    tail = table.tail
    table[:] = []
    table.tag, table.text, table.tail = "table", None, tail
    for row in rows:
        line = table.makeelement("tr")
        line.extend(row)
        table.append(line)


def _part(element: _Element) -> str:
    """Return the tag of the part of a table that ``element`` stands for; "" if it is none."""
    if element.tag in ("table", "tr", "td", "th") or hides(element):
        return ""
    if role := element.get("role", "").strip().lower():
        return _PARTS.get(role, "")
    display = _DISPLAY.search(element.get("style", "").lower())
    return _PARTS.get(display[1], "") if display else ""


def _inside(element: _Element, parts: tuple[str, ...]) -> Iterator[_Element]:
    """Yield the outermost elements in ``element`` that stand for one of ``parts``."""
    stack = list(element)[::-1]
    while stack:
        inner = stack.pop()
        if not isinstance(inner.tag, str):
            continue
        if _part(inner) in parts:
            yield inner
        else:
            stack.extend(list(inner)[::-1])


def _letters(element: _Element) -> str:
    return "".join(element_words(element).split())
