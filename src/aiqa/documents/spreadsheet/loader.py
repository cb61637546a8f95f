"""Spreadsheets of Excel and OpenDocument: a section for each sheet, a line for each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aiqa.documents.ooxml.errors import opening
from aiqa.documents.ooxml.package import Package
from aiqa.documents.opendocument.package import is_flat
from aiqa.documents.spreadsheet.ods import ods_sheets
from aiqa.documents.spreadsheet.sheet import Sheet, add_sheet
from aiqa.documents.spreadsheet.xls import xls_sheets
from aiqa.documents.spreadsheet.xlsb import xlsb_sheets
from aiqa.documents.spreadsheet.xlsx import xlsx_sheets
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""How workbooks begin that are older still."""


def load(data: bytes) -> Content:
    """Rows with their columns' names, numbered as the sheet numbers them.

    What the file is, is told by its content: programs save all of these under each other's names.

    Raises:
        DocumentError: the file is encrypted, truncated or not a workbook.
    """
    text = CanonicalText()
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise DocumentError("This Excel file is encrypted.", "Save it without a password.")
    if data.startswith((_OLE, *_BIFF)):
        _add_binary(data, text)
    else:
        with opening(data, "Excel"):
            for sheet in _sheets(data, text):
                add_sheet(sheet, text)
    # A sheet may have any name, such as "Sheet1": the workbook is called what its file is.
    return replace(text.content(title=None), title=None)


def _add_binary(data: bytes, text: CanonicalText) -> None:
    # Beside a wrong password, xlrd raises whatever the bytes of a damaged file lead to.
    try:
        for sheet in xls_sheets(data, text):
            add_sheet(sheet, text)
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, OSError) as error:
        raise DocumentError(
            f"This Excel file is encrypted or damaged: {error or type(error).__name__}.",
            "Save it anew without a password.",
        ) from error


def _sheets(data: bytes, text: CanonicalText) -> Iterator[Sheet]:
    if is_flat(data):
        return ods_sheets(data)
    package = Package(data)
    if "xl/workbook.bin" in package:
        return xlsb_sheets(data, text)
    if "content.xml" in package:
        return ods_sheets(data)
    return xlsx_sheets(package, text)
