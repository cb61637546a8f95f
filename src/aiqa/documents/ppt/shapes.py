"""The shapes of a slide: where they stand, what is written in them, and which make a table."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiqa.documents.ppt.records import Kind, PptRecord
from aiqa.documents.tables import TableCell
from aiqa.documents.text_builder import one_line

_TITLES = (0, 6)
_TABLE_OPTION = 0x039F
_WIDE_ANCHOR = 16
_OPTION_BYTES = 6
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where a shape stands, in units of its slide or group."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with text: its paragraphs, and whether it is the title of the slide."""

    box: TextBox
    paragraphs: tuple[str, ...]
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A group of shapes that is a table."""

    box: TextBox
    rows: Sequence[Sequence[TableCell]]


def shapes(slide: PptRecord, outline: Sequence[PptRecord]) -> list[Shape | Table]:
    """Return what is written on ``slide``, from the top, then from the left.

    ``outline`` holds the texts of its placeholders that are stored apart from them.
    """
    drawing = slide.first(Kind.DRAWING)
    found = list(_shapes(drawing.inside(), outline, 0)) if drawing else []
    return sorted(found, key=lambda one: (one.box.top, one.box.left))


def texts(list_records: Iterable[PptRecord]) -> Iterator[tuple[int, str]]:
    """Yield kind and words of each text: a header, then its characters if it has any."""
    kind: int | None = None
    for record in list_records:
        if record.kind == Kind.TEXT_HEADER:
            if kind is not None:
                yield kind, ""
            kind = int.from_bytes(record.data[:4], "little")
        elif record.kind in (Kind.TEXT_WIDE, Kind.TEXT_NARROW) and kind is not None:
            is_wide = record.kind == Kind.TEXT_WIDE
            yield kind, record.data.decode("utf-16-le" if is_wide else "latin-1", "replace")
            kind = None
    if kind is not None:
        yield kind, ""


def _shapes(
    list_records: Iterable[PptRecord], outline: Sequence[PptRecord], depth: int
) -> Iterator[Shape | Table]:
    for record in list_records:
        if record.kind == Kind.SHAPE:
            if shape := _shape(record, outline):
                yield shape
        elif record.kind == Kind.SHAPE_GROUP and _is_table(record):
            cells = [
                one
                for one in _shapes(record.inside(), outline, depth + 1)
                if isinstance(one, Shape)
            ]
            yield Table(_box(record.first(Kind.SHAPE)), _rows(cells))
        elif depth < _DEEPEST:
            yield from _shapes(record.inside(), outline, depth + 1)


def _shape(record: PptRecord, outline: Sequence[PptRecord]) -> Shape | None:
    """Return a shape, also an empty one, which may be a cell; None where none can be written in."""
    box = record.first(Kind.SHAPE_TEXT)
    if box is None:
        return None
    inside = list(box.inside())
    for reference in inside:
        if reference.kind == Kind.OUTLINE_REFERENCE:
            number = int.from_bytes(reference.data[:4], "little")
            found = list(texts(outline))
            kind, words = found[number] if number < len(found) else (1, "")
            break
    else:
        kind, words = next(texts(inside), (1, ""))
    paragraphs = (one_line(part.replace("\x0b", " ")) for part in words.split("\r"))
    # A star stands for the number of the slide or the date.
    shown = tuple(part for part in paragraphs if part and part != "*")
    return Shape(_box(record), shown, kind in _TITLES)


def _box(record: PptRecord | None) -> TextBox:
    child = record.first(Kind.CHILD_ANCHOR) if record else None
    if child:
        return TextBox(*struct.unpack_from("<4i", child.data))
    anchor = record.first(Kind.ANCHOR) if record else None
    if anchor and len(anchor.data) == _WIDE_ANCHOR:
        top, left, right, bottom = struct.unpack_from("<4i", anchor.data)
    elif anchor:
        top, left, right, bottom = struct.unpack_from("<4h", anchor.data)
    else:
        return TextBox()
    return TextBox(left, top, right, bottom)


def _is_table(group: PptRecord) -> bool:
    """Whether a group is a table: the first shape in it stands for the whole, and says so."""
    head = group.first(Kind.SHAPE)
    options = head.first(Kind.MORE_OPTIONS) if head else None
    if options is None:
        return False
    rows = (
        struct.unpack_from("<HI", options.data, start)
        for start in range(
            0, min(options.instance * _OPTION_BYTES, len(options.data) - 5), _OPTION_BYTES
        )
    )
    return any(code & 0x3FFF == _TABLE_OPTION and value & 1 for code, value in rows)


def _rows(cells: Sequence[Shape]) -> list[list[TableCell]]:
    lefts = sorted({cell.box.left for cell in cells})
    tops = sorted({cell.box.top for cell in cells})
    rows: list[list[TableCell]] = [[] for _ in tops]
    for cell in sorted(cells, key=lambda one: (one.box.top, one.box.left)):
        across = sum(cell.box.left <= left < cell.box.right for left in lefts)
        down = sum(cell.box.top <= top < cell.box.bottom for top in tops)
        words = " ".join(cell.paragraphs)
        rows[tops.index(cell.box.top)].append(TableCell(words, max(across, 1), max(down, 1)))
    return rows
