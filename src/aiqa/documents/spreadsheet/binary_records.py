"""Records of the parts of a binary workbook (MS-XLSB): numbers with formats, sheets, comments."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from aiqa.documents.ooxml.package import Part
from aiqa.documents.spreadsheet.cells import CellStyles
from aiqa.documents.spreadsheet.number_formats import GENERAL, builtin_code
from aiqa.documents.spreadsheet.sheet import Comment, Sheet

_ROW, _RK, _REAL, _FORMULA_NUMBER = 0, 2, 5, 9
_FONT, _FORMAT, _STYLE, _CELL_STYLES, _CELL_STYLES_END = 43, 44, 47, 617, 618
_BOOK, _SHEET, _MERGED = 153, 156, 176
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637
_BOLD = 600
"""The least weight of a bold font."""

_MORE = 0x80
"""A bit of a byte that says that the number goes on in the next."""

_IS_INTEGER, _IS_HUNDREDFOLD = 2, 1


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the bytes of each record; nothing after one that is cut off."""
    place = 0
    while place < len(data):
        kind, place = _varied(data, place, most=2)
        size, place = _varied(data, place, most=4)
        if place + size > len(data):
            return
        yield kind, data[place : place + size]
        place += size


def _varied(data: bytes, place: int, most: int) -> tuple[int, int]:
    """Return a number of up to ``most`` bytes, seven bits in each, and the place after it."""
    number = 0
    for count in range(most):
        byte = data[place] if place < len(data) else 0
        place += 1
        number |= (byte & ~_MORE) << (7 * count)
        if not byte & _MORE:
            break
    return number, place


def _wide(data: bytes, place: int) -> tuple[str, int]:
    """Return the string at ``place`` and the place after it."""
    (length,) = struct.unpack_from("<I", data, place)
    end = place + 4 + 2 * min(length, len(data))
    return data[place + 4 : end].decode("utf-16-le", "replace"), end


def sheet_parts(book: Part) -> dict[str, Part]:
    """Return the part of each sheet by the name of the sheet."""
    parts = {}
    for kind, record in records(book.package.read(book.name)):
        if kind == _SHEET:
            identifier, place = _wide(record, 8)
            parts[_wide(record, place)[0]] = book.related(identifier)
    return parts


def binary_styles(book: Part) -> CellStyles:
    """Return the number formats of the workbook, and how it counts days."""
    styles = CellStyles()
    for kind, record in records(book.package.read(book.name)):
        if kind == _BOOK:
            styles.from_1904 = bool(record[0] & 1)
    codes: dict[int, str] = {}
    bold: list[bool] = []
    is_of_cells = False
    for part in book.of_kind("styles"):
        for kind, record in records(part.package.read(part.name)):
            if kind == _FORMAT:
                codes[struct.unpack_from("<H", record)[0]] = _wide(record, 2)[0]
            elif kind == _FONT:
                bold.append(struct.unpack_from("<H", record, 4)[0] >= _BOLD)
            elif kind in (_CELL_STYLES, _CELL_STYLES_END):
                is_of_cells = kind == _CELL_STYLES
            elif kind == _STYLE and is_of_cells:
                _, code, font = struct.unpack_from("<HHH", record)
                if font < len(bold) and bold[font]:
                    styles.bold.add(len(styles.codes))
                styles.codes.append(codes.get(code) or builtin_code(code) or GENERAL)
    return styles


def read_numbers(part: Part, styles: CellStyles, sheet: Sheet) -> None:
    """Show the numbers in ``sheet`` by their formats, and note merged cells and bold heads."""
    row = 0
    for kind, record in records(part.package.read(part.name)):
        if kind == _ROW:
            row = struct.unpack_from("<I", record)[0] + 1
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<4I", record)
            sheet.merged.append((top + 1, left + 1, bottom + 1, right + 1))
        elif _ROW < kind <= _FORMULA_NUMBER + 2:
            column, style = struct.unpack_from("<II", record)
            style &= 0xFFFFFF
            texts = sheet.rows.get(row, {})
            if column + 1 not in texts:
                continue
            if style in styles.bold:
                sheet.heads.add((row, column + 1))
            if kind in (_RK, _REAL, _FORMULA_NUMBER):
                number = _rk(record) if kind == _RK else struct.unpack_from("<d", record, 8)[0]
                texts[column + 1] = styles.shown(f"{number:.17g}", style)


def _rk(record: bytes) -> float:
    """Return a number that is packed into four bytes."""
    (packed,) = struct.unpack_from("<i", record, 8)
    number = (
        float(packed >> 2)
        if packed & _IS_INTEGER
        else struct.unpack("<d", struct.pack("<ii", 0, packed & ~3))[0]
    )
    return float(number / 100 if packed & _IS_HUNDREDFOLD else number)


def binary_comments(part: Part) -> Iterator[Comment]:
    """Yield the comments of a part of comments."""
    authors: list[str] = []
    row = column = 0
    author = ""
    for kind, record in records(part.package.read(part.name)):
        if kind == _AUTHOR:
            authors.append(_wide(record, 0)[0])
        elif kind == _COMMENT:
            number, row, _, column, _ = struct.unpack_from("<5I", record)
            author = authors[number] if number < len(authors) else ""
        elif kind == _COMMENT_TEXT:
            words = _wide(record, 1)[0]
            yield Comment(row + 1, column + 1, author, words.removeprefix(f"{author}:").strip())
