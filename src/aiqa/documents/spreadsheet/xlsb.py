"""Excel workbooks of the binary format since 2007, by calamine; their formats, by its records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from aiqa.documents.ooxml.errors import noting
from aiqa.documents.ooxml.package import Package, Part
from aiqa.documents.spreadsheet.binary_records import (
    binary_comments,
    binary_styles,
    read_numbers,
    sheet_parts,
)
from aiqa.documents.spreadsheet.cells import CellStyles
from aiqa.documents.spreadsheet.drawings import read_drawings
from aiqa.documents.spreadsheet.number_digits import plain_number
from aiqa.documents.spreadsheet.sheet import Sheet
from aiqa.documents.text_builder import CanonicalText


def xlsb_sheets(data: bytes, text: CanonicalText) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in its order; damaged ones are noted in ``text``.

    Raises:
        ValueError: the file is damaged.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
    except CalamineError as error:
        raise ValueError(str(error)) from error
    part = Package(data).main("xl/workbook.bin")
    parts: dict[str, Part] = {}
    styles = CellStyles()
    with noting(text, "The formats of the workbook's numbers"):
        parts, styles = sheet_parts(part), binary_styles(part)
    for about in book.sheets_metadata:
        sheet = Sheet(about.name, is_hidden=about.visible != SheetVisibleEnum.Visible)
        try:
            source = book.get_sheet_by_name(about.name)
        except CalamineError as error:
            text.omit(f"The sheet '{about.name}' was not read: {error}.")
            continue
        top, left = source.start or (0, 0)
        for number, row in enumerate(source.to_python(skip_empty_area=True), top + 1):
            texts = {column: _shown(value) for column, value in enumerate(row, left + 1)}
            texts = {column: shown for column, shown in texts.items() if shown.strip()}
            if texts:
                sheet.rows[number] = texts
        if about.name in parts:
            _add_formats(parts[about.name], styles, sheet, list(parts), text)
        yield sheet


def _add_formats(
    part: Part, styles: CellStyles, sheet: Sheet, names: list[str], text: CanonicalText
) -> None:
    """Add to ``sheet`` what calamine does not tell: formats, comments and drawings."""
    with noting(text, f"The formats of numbers on the sheet '{sheet.name}'"):
        read_numbers(part, styles, sheet)
    with noting(text, f"What is noted on the sheet '{sheet.name}'"):
        sheet.comments = [
            comment
            for comments in part.of_kind("comments")
            for comment in binary_comments(comments)
        ]
        sheet.drawings = read_drawings(part, names)


def _shown(value: Any) -> str:
    """Return a value in the usual way of its type."""
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return plain_number(value)
        case datetime():
            return value.isoformat(" ").removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
        case date() | time():
            return value.isoformat().removesuffix(":00") if isinstance(value, time) else str(value)
    return str(value)
