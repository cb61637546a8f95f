"""Excel workbooks, by calamine: a section for each sheet, a line for each row."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from aiqa.documents.csv import add_rows
from aiqa.documents.ooxml import opening
from aiqa.documents.text_builder import CanonicalText, Content


def load(data: bytes) -> Content:
    """Rows with their columns' names, numbered as the sheet numbers them.

    Raises:
        DocumentError: the file is encrypted, truncated or not a workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    text = CanonicalText()
    with opening(data, "Excel"):
        try:
            book = CalamineWorkbook.from_filelike(BytesIO(data))
            for name in book.sheet_names:
                text.heading(1, name)
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                add_rows([[_shown(value) for value in row] for row in rows], text)
        except CalamineError as error:
            raise ValueError(str(error)) from error
    return text.content(title=None)


def _shown(value: Any) -> str:
    """A cell's value as a person would write it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
