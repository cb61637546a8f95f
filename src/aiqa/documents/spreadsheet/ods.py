"""OpenDocument spreadsheets, which hold each cell's text as it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from aiqa.documents.opendocument.package import is_flat, parse_part
from aiqa.documents.spreadsheet.sheet import Comment, Drawing, Sheet

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE, _TABLE, _TEXT, _STYLE, _DRAW = (
    f"{{{_NAMES}:{name}:1.0}}" for name in ("office", "table", "text", "style", "drawing")
)
_DC = "{http://purl.org/dc/elements/1.1/}"

_MOST_BYTES = 400_000_000
_MOST_REPEATED = 1000
"""Rows and columns with text that repeat more often are read this often."""


def ods_sheets(data: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a spreadsheet in its order; it may be one XML file.

    Raises:
        KeyError: its content is missing.
        ValueError: it is encrypted or too large.
        XMLSyntaxError: its content is not XML.
    """
    root = parse_part(data if is_flat(data) else _content(data))
    hidden = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    for table in root.iter(f"{_TABLE}table"):
        if table.getparent().tag == f"{_OFFICE}spreadsheet":
            yield _sheet(table, is_hidden=table.get(f"{_TABLE}style-name") in hidden)


def _content(data: bytes) -> bytes:
    with ZipFile(BytesIO(data)) as archive:
        entry = archive.getinfo("content.xml")
        if entry.file_size > _MOST_BYTES:
            raise ValueError("it is too large")
        manifest = "META-INF/manifest.xml"
        if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
            raise ValueError("it is encrypted")
        return archive.read(entry)


def _sheet(table: _Element, *, is_hidden: bool) -> Sheet:
    sheet = Sheet(table.get(f"{_TABLE}name", ""), is_hidden=is_hidden)
    number = 1
    for row in table.iter(f"{_TABLE}table-row"):
        repeated = _count(row, "number-rows-repeated")
        before = len(sheet.rows)
        _read_row(row, number, sheet)
        if len(sheet.rows) > before:
            texts = sheet.rows[number]
            last = number + min(repeated, _MOST_REPEATED)
            sheet.rows.update((below, texts) for below in range(number + 1, last))
        number += repeated
    for shapes in table.iterchildren(f"{_TABLE}shapes"):
        sheet.drawings += _drawings(shapes, 1)
    return sheet


def _read_row(row: _Element, number: int, sheet: Sheet) -> None:
    column = 1
    texts: dict[int, str] = {}
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        repeated = _count(cell, "number-columns-repeated")
        shown = _shown(cell)
        if shown and cell.tag == f"{_TABLE}table-cell":
            for place in range(column, column + min(repeated, _MOST_REPEATED)):
                texts[place] = shown
            columns, rows = (
                _count(cell, "number-columns-spanned"),
                _count(cell, "number-rows-spanned"),
            )
            if columns > 1 or rows > 1:
                sheet.merged.append((number, column, number + rows - 1, column + columns - 1))
        for note in cell.iterchildren(f"{_OFFICE}annotation"):
            author = note.findtext(f"{_DC}creator", "")
            sheet.comments.append(Comment(number, column, author, _paragraphs(note)))
        sheet.drawings += _drawings(cell, number)
        column += repeated
    if texts:
        sheet.rows[number] = texts


def _shown(cell: _Element) -> str:
    """Return the text of a cell, else its value, which some programs write alone."""
    if shown := _paragraphs(cell):
        return shown
    for name in ("string-value", "date-value", "time-value", "boolean-value", "value"):
        if value := cell.get(f"{_OFFICE}{name}"):
            return str(value)
    return ""


def _drawings(parent: _Element, row: int) -> list[Drawing]:
    """Return the text boxes on a cell or a sheet."""
    boxes = [
        _paragraphs(shape)
        for outer in parent.iterchildren()
        if str(outer.tag).startswith(_DRAW)
        for shape in outer.iter()
        if str(shape.tag).startswith(_DRAW)
    ]
    return [Drawing(row, (words,)) for words in boxes if words]


def _paragraphs(parent: _Element) -> str:
    return "\n".join(
        _inline(paragraph) for paragraph in parent.iterchildren(f"{_TEXT}p", f"{_TEXT}list")
    ).strip()


def _inline(element: _Element) -> str:
    """Return the text of ``element`` with its blanks; notes on it are not part of it."""
    parts = [element.text or ""]
    for part in element.iterchildren():
        if part.tag == f"{_TEXT}s":
            parts.append(" " * min(int(part.get(f"{_TEXT}c") or 1), _MOST_REPEATED))
        elif part.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif part.tag != f"{_OFFICE}annotation":
            parts.append(_inline(part))
        parts.append(part.tail or "")
    return "".join(parts)


def _count(element: _Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "1")
    return max(int(value), 1) if value.isdigit() else 1
