"""The cells of a sheet in Office Open XML: their texts, as they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from aiqa.documents.ooxml.names import integer
from aiqa.documents.spreadsheet.number_formats import GENERAL, builtin_code, shown_number
from aiqa.documents.spreadsheet.printed import headers_and_footers
from aiqa.documents.spreadsheet.sheet import Sheet

if TYPE_CHECKING:
    from lxml.etree import _Element

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "remove_comments": True,
    "recover": True,
    "huge_tree": True,
}


@dataclass(slots=True)
class CellStyles:
    """The number format of each style of a workbook, and which styles are bold."""

    codes: list[str] = field(default_factory=list)
    bold: set[int] = field(default_factory=set)
    from_1904: bool = False

    def shown(self, number: str, style: int) -> str:
        """Return ``number``, as it is stored, as a cell of this style shows it."""
        code = self.codes[style] if 0 <= style < len(self.codes) else GENERAL
        if code == GENERAL and number.isdigit():
            return number
        try:
            return shown_number(float(number), code, from_1904=self.from_1904)
        except (ValueError, OverflowError):
            return number


def read_styles(root: _Element, *, from_1904: bool) -> CellStyles:
    """Return the styles of the part ``root``."""
    codes = {
        integer(element, "numFmtId", 0): element.get("formatCode", GENERAL)
        for element in root.iter("{*}numFmt")
    }
    fonts = [
        any(element.get("val", "1") not in ("0", "false") for element in font.iterchildren("{*}b"))
        for font in root.iterfind("{*}fonts/{*}font")
    ]
    styles = CellStyles(from_1904=from_1904)
    for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        identifier = integer(style, "numFmtId", 0)
        styles.codes.append(codes.get(identifier) or builtin_code(identifier))
        font = integer(style, "fontId", 0)
        if 0 <= font < len(fonts) and fonts[font]:
            styles.bold.add(number)
    return styles


def read_strings(data: bytes) -> list[str]:
    """Return the texts that cells share, in the order of their numbers."""
    from lxml import etree

    strings = []
    for _, item in etree.iterparse(BytesIO(data), tag="{*}si", **_OPTIONS):
        strings.append(_text(item))
        item.clear()
    return strings


def read_cells(data: bytes, strings: list[str], styles: CellStyles, sheet: Sheet) -> None:
    """Read the part of a worksheet into ``sheet``; a chart sheet has no cells."""
    from lxml import etree

    number = 0
    has_formulas = _FORMULA.search(data)
    tags = ("{*}row", "{*}mergeCell", "{*}headerFooter")
    for _, element in etree.iterparse(BytesIO(data), tag=tags, **_OPTIONS):
        if element.tag.endswith("mergeCell"):
            sheet.merged.append(cell_range(element.get("ref", "")))
            continue
        if element.tag.endswith("headerFooter"):
            sheet.around = headers_and_footers(element)
            continue
        number = min(integer(element, "r", number + 1), _MOST_ROWS)
        for formula in element.iter("{*}f") if has_formulas else ():
            sheet.uncalculated += _lacks_result(formula, is_stale=sheet.is_stale)
        texts, own = _row(element, strings, styles)
        if texts:
            sheet.rows.setdefault(number, {}).update(texts)
            sheet.heads.update((number, column) for column in own)
        element.clear()
    sheet.rows = dict(sorted(sheet.rows.items()))


def _lacks_result(formula: _Element, *, is_stale: bool) -> bool:
    """Whether the cell of ``formula`` has no result; a mere 0 that stands for it is taken out."""
    cell = formula.getparent()
    value = cell.find("{*}v")
    if value is not None and value.text == "0" and is_stale:
        value.text = ""
    return (value is None or not value.text) and cell.get("t") != "str"


def _row(row: _Element, strings: list[str], styles: CellStyles) -> tuple[dict[int, str], list[int]]:
    """Return the texts of a row by their columns, and which columns are bold."""
    texts: dict[int, str] = {}
    bold = []
    column = 0
    for cell in row:
        letters = (cell.get("r") or "").rstrip("0123456789")
        column = column_number(letters) if letters else column + 1
        style = int(cell.get("s") or 0)
        shown = _shown(cell, strings, styles, style)
        if shown and not shown.isspace() and column <= _MOST_COLUMNS:
            texts[column] = shown
            if style in styles.bold:
                bold.append(column)
    return texts, bold


def _shown(cell: _Element, strings: list[str], styles: CellStyles, style: int) -> str:
    kind = cell.get("t")
    value = ""
    for part in cell:
        if part.tag.endswith("}v"):
            value = part.text or ""
        elif kind == "inlineStr" and part.tag.endswith("}is"):
            return _text(part)
    if not value:
        return ""
    if kind is None or kind == "n":
        return styles.shown(value, style)
    if kind == "s":
        return strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
    return _typed(value, kind)


def _typed(value: str, kind: str) -> str:
    """Return what a cell says that holds neither a number nor a shared text."""
    match kind:
        case "b":
            return "TRUE" if value == "1" else "FALSE"
        case "d":
            return value.removesuffix("T00:00:00").replace("T", " ")
    return _unescaped(value)


def _text(item: _Element) -> str:
    """Return a text without the readings above its characters."""
    parts = [
        text.text or "" for text in item.iter("{*}t") if not text.getparent().tag.endswith("}rPh")
    ]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """Return ``text`` with the characters that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


@lru_cache(maxsize=_MOST_COLUMNS)
def column_number(letters: str) -> int:
    """Return the number of the column named ``letters``, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_range(reference: str) -> tuple[int, int, int, int]:
    """Return the first row and column of a range ("A1:C3"), then the last.

    Raises:
        ValueError: this is no range of cells.
    """
    corners = [_ADDRESS.fullmatch(corner) for corner in reference.split(":")]
    places = [(int(corner[2]), column_number(corner[1])) for corner in corners if corner]
    if not places or len(places) < len(corners):
        raise ValueError(f"{reference!r} is no range of cells")
    return (*min(places[0], places[-1]), *max(places[0], places[-1]))
