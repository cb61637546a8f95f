"""Spreadsheets of Excel and OpenDocument: a section for each sheet, a line for each row."""

from __future__ import annotations

from aiqa.documents.ooxml.errors import opening
from aiqa.documents.ooxml.package import Package
from aiqa.documents.spreadsheet.sheet import add_sheet
from aiqa.documents.text_builder import CanonicalText, Content

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def load(data: bytes) -> Content:
    """Rows with their columns' names, numbered as the sheet numbers them.

    What the file is, is told by its content: programs save all of these under each other's names.

    Raises:
        DocumentError: the file is encrypted, truncated or not a workbook.
    """
    text = CanonicalText()
    with opening(data, "Excel"):
        from aiqa.documents.spreadsheet.xlsx import xlsx_sheets

        for sheet in xlsx_sheets(Package(data), text):
            add_sheet(sheet, text)
    return text.content(title=None)
