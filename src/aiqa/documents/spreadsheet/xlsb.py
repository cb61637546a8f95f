"""Excel workbooks of the binary format since 2007, by calamine, which tells no number formats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

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
        yield sheet


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
