"""Excel workbooks of Office Open XML: their sheets, with what is noted and drawn on them."""

from __future__ import annotations

from collections.abc import Iterator

from aiqa.documents.ooxml.errors import noting
from aiqa.documents.ooxml.names import attribute
from aiqa.documents.ooxml.package import Package, Part
from aiqa.documents.spreadsheet.cells import (
    CellStyles,
    cell_range,
    read_cells,
    read_strings,
    read_styles,
)
from aiqa.documents.spreadsheet.drawings import read_comments, read_drawings
from aiqa.documents.spreadsheet.sheet import Sheet
from aiqa.documents.text_builder import CanonicalText


def xlsx_sheets(package: Package, text: CanonicalText) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in its order; damaged parts are noted in ``text``.

    Raises:
        KeyError: the workbook itself is missing.
        XMLSyntaxError: nothing in it is XML.
    """
    book = package.main("xl/workbook.xml")
    from_1904 = any(
        attribute(element, "date1904") in ("1", "true")
        for element in book.root.iter("{*}workbookPr")
    )
    strings, styles = _shared(book, text, from_1904=from_1904)
    names = [attribute(element, "name") for element in book.root.iter("{*}sheet")]
    is_stale = any(
        attribute(element, "fullCalcOnLoad") in ("1", "true")
        for element in book.root.iter("{*}calcPr")
    )
    for element in book.root.iter("{*}sheet"):
        sheet = Sheet(attribute(element, "name"), is_stale=is_stale)
        sheet.is_hidden = attribute(element, "state") in ("hidden", "veryHidden")
        with noting(text, f"The sheet '{sheet.name}'"):
            part = book.referred(element)
            read_cells(package.read(part.name), strings, styles, sheet)
            _add_tables(part, sheet)
        with noting(text, f"What is noted on the sheet '{sheet.name}'"):
            part = book.referred(element)
            sheet.comments = read_comments(part)
            sheet.drawings = read_drawings(part, names)
            for embedded in (*part.of_kind("package"), *part.of_kind("oleObject")):
                file = embedded.name.rpartition("/")[2]
                text.omit(f"On the sheet '{sheet.name}', the embedded file {file} was not read.")
        yield sheet


def _shared(book: Part, text: CanonicalText, *, from_1904: bool) -> tuple[list[str], CellStyles]:
    """Return the strings and the styles that the cells of all sheets refer to."""
    strings: list[str] = []
    styles = CellStyles(from_1904=from_1904)
    with noting(text, "The list of the workbook's texts"):
        for part in book.of_kind("sharedStrings"):
            strings = read_strings(book.package.read(part.name))
    with noting(text, "The formats of the workbook's numbers"):
        for part in book.of_kind("styles"):
            styles = read_styles(part.root, from_1904=from_1904)
    return strings, styles


def _add_tables(part: Part, sheet: Sheet) -> None:
    """Note the tables that the sheet declares, and their heads."""
    for table in part.of_kind("table"):
        top, left, bottom, right = cell_range(attribute(table.root, "ref"))
        sheet.tables.append((top, left, bottom, right))
        if attribute(table.root, "headerRowCount", "1") != "0":
            sheet.heads.update((top, column) for column in range(left, right + 1))
