"""Excel workbooks of the binary format from before 2007, by xlrd."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import StringIO
from typing import Any

from aiqa.documents.compound_file import COMPOUND, open_compound
from aiqa.documents.ooxml.errors import noting
from aiqa.documents.spreadsheet.number_formats import GENERAL, shown_number
from aiqa.documents.spreadsheet.sheet import Comment, Sheet
from aiqa.documents.text_builder import CanonicalText


def xls_sheets(data: bytes, text: CanonicalText) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in its order; damaged parts are noted in ``text``.

    Raises:
        ValueError: the file is encrypted, damaged or no workbook.
    """
    import xlrd

    try:
        # The log would go to the standard output.
        book = xlrd.open_workbook(
            file_contents=_stream(data), formatting_info=True, on_demand=True, logfile=StringIO()
        )
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, AssertionError) as error:
        raise ValueError(str(error)) from error
    for number, name in enumerate(book.sheet_names()):
        with noting(text, f"The sheet '{name}'"):
            yield _sheet(book, number)
            book.unload_sheet(number)


def _stream(data: bytes) -> bytes:
    """Return the stream of the workbook, which xlrd would look for without end in some files."""
    if not data.startswith(COMPOUND):
        return data
    with open_compound(data, "Excel") as folder:
        return folder.stream("Workbook") or folder.stream("Book")


def _sheet(book: Any, number: int) -> Sheet:
    import xlrd

    try:
        source = book.sheet_by_index(number)
    except (xlrd.XLRDError, struct.error, AssertionError) as error:
        raise ValueError(str(error)) from error
    sheet = Sheet(source.name, is_hidden=source.visibility > 0)
    for row in range(source.nrows):
        texts = {}
        for column in range(source.row_len(row)):
            cell = source.cell(row, column)
            shown = _shown(book, cell)
            if shown.strip():
                texts[column + 1] = shown
                if book.font_list[book.xf_list[cell.xf_index].font_index].bold:
                    sheet.heads.add((row + 1, column + 1))
        if texts:
            sheet.rows[row + 1] = texts
    sheet.merged = [
        (top + 1, left + 1, bottom, right) for top, bottom, left, right in source.merged_cells
    ]
    sheet.comments = [
        Comment(row + 1, column + 1, note.author, note.text.removeprefix(f"{note.author}:"))
        for (row, column), note in source.cell_note_map.items()
    ]
    return sheet


def _shown(book: Any, cell: Any) -> str:
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            style = book.xf_list[cell.xf_index]
            known = book.format_map.get(style.format_key)
            code = known.format_str if known else GENERAL
            return shown_number(cell.value, code, from_1904=book.datemode == 1)
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return str(cell.value)
