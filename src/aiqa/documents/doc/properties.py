"""What a Word file says of its paragraphs, its characters and its styles."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from aiqa.documents.doc.file import TextPart, WordFile
from aiqa.documents.edged_tables import CellForm

_PAGE = 512
_PAGE_NUMBER = 0x3FFFFF
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_TELLS_SIZE = 6
"""Bytes of what a property is set to, by its kind; one kind tells it in the byte that follows."""

_TITLE_STYLE = 62
_HEADING_STYLES = range(1, 10)
_NO_STYLE = 0xFFF
_NO_LIST = 0x7FF
_BODY_LEVEL = 9
_CELL_BYTES = 20
_DEEPEST = 30
"""Styles based on one another; more are a circle."""
_JOINED_ACROSS, _JOINED_DOWN = 2, 1


class _Code(IntEnum):
    """The properties that matter here."""

    IN_TABLE = 0x2416
    ROW_END = 0x2417
    TABLE_DEPTH = 0x6649
    TABLE_FORM = 0xD608
    HEAD_ROW = 0x3404
    LIST = 0x460B
    LIST_LEVEL = 0x260A
    OUTLINE = 0x2640
    DELETED = 0x0800
    HIDDEN = 0x083C


@dataclass(frozen=True, slots=True)
class ParagraphForm:
    """How a paragraph is set.

    ``heading`` is its level, 0 for none; ``list`` the number of its list from 1, 0 for none.
    """

    heading: int = 0
    list: int = 0
    list_level: int = 0
    in_table: bool = False
    is_row_end: bool = False
    is_inner: bool = False
    is_head_row: bool = False
    cells: tuple[CellForm, ...] = ()


class Forms:
    """The forms of paragraphs, by where they end in the main stream."""

    def __init__(self, file: WordFile) -> None:
        """Read the pages of properties and the styles of ``file``."""
        self._styles = _styles(file.part(TextPart.STYLES))
        runs = list(_runs(file, TextPart.PARAGRAPH_PAGES))
        self._starts = [start for start, _, _ in runs]
        self._runs = runs

    def at(self, place: int) -> ParagraphForm:
        """Return the form of the paragraph that the character at ``place`` belongs to."""
        number = bisect_right(self._starts, place) - 1
        if number < 0 or place >= self._runs[number][1]:
            return ParagraphForm()
        data = self._runs[number][2]
        style = int.from_bytes(data[:2], "little")
        return _with(self._styles.get(style, ParagraphForm()), data[2:])


def left_out(file: WordFile) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return where text stands that was deleted, and where text that is hidden."""
    deleted, hidden = [], []
    for start, end, data in _runs(file, TextPart.CHARACTER_PAGES):
        properties = dict(_properties(data))
        if properties.get(_Code.DELETED, b"\0") != b"\0":
            deleted.append((start, end))
        elif properties.get(_Code.HIDDEN, b"\0") == b"\1":
            hidden.append((start, end))
    return deleted, hidden


def _runs(file: WordFile, part: TextPart) -> Iterator[tuple[int, int, bytes]]:
    """Yield begin, end and properties of each run, in order of their place."""
    data = file.part(part)
    pages = max((len(data) - 4) // 8, 0)
    is_paragraph = part == TextPart.PARAGRAPH_PAGES
    runs = []
    for number in struct.unpack_from(f"<{pages}I", data, 4 * (pages + 1)) if pages else ():
        page = file.main[(number & _PAGE_NUMBER) * _PAGE :][:_PAGE]
        count = page[-1]
        edges = struct.unpack_from(f"<{count + 1}I", page)
        for run in range(count):
            step = 13 if is_paragraph else 1
            offset = page[4 * (count + 1) + run * step] * 2
            runs.append((edges[run], edges[run + 1], _row(page, offset, is_paragraph=is_paragraph)))
    return iter(sorted(runs))


def _row(page: bytes, offset: int, *, is_paragraph: bool) -> bytes:
    if not offset:
        return b""
    size = page[offset]
    if not is_paragraph:
        return page[offset + 1 : offset + 1 + size]
    if size:
        return page[offset + 1 : offset + 2 * size]
    return page[offset + 2 : offset + 2 + 2 * page[offset + 1]]


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 2 < len(data):
        (code,) = struct.unpack_from("<H", data, position)
        position += 2
        size = _SIZES.get(code >> 13, 0)
        if code == _Code.TABLE_FORM:
            size = max(int.from_bytes(data[position : position + 2], "little") - 1, 0)
            position += 2
        elif code >> 13 == _TELLS_SIZE:
            size, position = data[position], position + 1
        yield code, data[position : position + size]
        position += size


def _with(form: ParagraphForm, data: bytes) -> ParagraphForm:
    """Return ``form`` changed by the properties in ``data``."""
    for code, operand in _properties(data):
        value = int.from_bytes(operand, "little")
        match code:
            case _Code.IN_TABLE:
                form = replace(form, in_table=bool(value))
            case _Code.TABLE_DEPTH:
                form = replace(form, in_table=form.in_table or value > 0, is_inner=value > 1)
            case _Code.ROW_END:
                form = replace(form, is_row_end=bool(value))
            case _Code.LIST_LEVEL:
                form = replace(form, list_level=value)
            case _Code.LIST:
                form = replace(form, list=value if value < _NO_LIST else 0)
            case _Code.OUTLINE:
                form = replace(form, heading=value + 1 if value < _BODY_LEVEL else 0)
            case _Code.HEAD_ROW:
                form = replace(form, is_head_row=bool(value))
            case _Code.TABLE_FORM:
                form = replace(form, cells=_cells(operand))
    return form


def _cells(data: bytes) -> tuple[CellForm, ...]:
    count = data[0] if data else 0
    edges = struct.unpack_from(f"<{count + 1}h", data, 1)
    cells = []
    for number in range(count):
        start = 1 + 2 * (count + 1) + _CELL_BYTES * number
        flags = int.from_bytes(data[start : start + 2], "little")
        across, down = flags & 3, flags >> 5 & 3
        cells.append(
            CellForm(
                edges[number + 1],
                joins_left=across == _JOINED_ACROSS,
                joins_above=down == _JOINED_DOWN,
            )
        )
    return tuple(cells)


def _styles(data: bytes) -> dict[int, ParagraphForm]:
    """Return the form that each style gives its paragraphs."""
    if not data:
        return {}
    head, count, base_bytes = struct.unpack_from("<HHH", data)
    position = 2 + head
    found: dict[int, tuple[int, int, bytes]] = {}
    for number in range(count):
        (size,) = struct.unpack_from("<H", data, position)
        style = data[position + 2 : position + 2 + size]
        position += 2 + size
        if len(style) > base_bytes:
            kind, base = struct.unpack_from("<HH", style)
            found[number] = kind & 0xFFF, base >> 4, _paragraph_properties(style, base_bytes)
    return {number: _style_form(number, found, depth=0) for number in found}


def _style_form(
    number: int, styles: dict[int, tuple[int, int, bytes]], depth: int
) -> ParagraphForm:
    if number not in styles or depth > _DEEPEST:
        return ParagraphForm()
    kind, base, data = styles[number]
    form = ParagraphForm()
    if base != _NO_STYLE:
        form = _style_form(base, styles, depth + 1)
    form = _with(form, data)
    if kind in _HEADING_STYLES:
        return replace(form, heading=kind)
    return replace(form, heading=1) if kind == _TITLE_STYLE else form


def _paragraph_properties(style: bytes, base_bytes: int) -> bytes:
    """Return what a style sets of its paragraphs; nothing for styles of characters."""
    if style[2] & 15 != 1:
        return b""
    (length,) = struct.unpack_from("<H", style, base_bytes)
    position = base_bytes + 2 + 2 * length + 2
    if position + 4 > len(style):
        return b""
    (size,) = struct.unpack_from("<H", style, position)
    return style[position + 4 : position + 2 + size]
