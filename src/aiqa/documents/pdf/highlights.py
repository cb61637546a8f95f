"""Spans to the rectangles that they cover on their pages, and the words of a page."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

from aiqa.types import Box, PageLayout, PageWord, Span

_QUARTERS = 4
_CHARACTER = struct.Struct("<4H")

_MOST_GAP = 2.0
"""Characters of a line further apart than this many heights are drawn as two rectangles."""


def boxes(layouts: Iterable[PageLayout], span: Span) -> tuple[Box, ...]:
    """One rectangle for each line, or part of one, that ``span`` covers on these pages."""
    found: list[Box] = []
    for layout in layouts:
        sides_of_all = zlib.decompress(layout.boxes)
        length = len(sides_of_all) // _CHARACTER.size
        first = max(span.start - layout.start, 0)
        last = min(span.end - layout.start, length)
        for index in range(first, last):
            sides = _CHARACTER.unpack_from(sides_of_all, index * _CHARACTER.size)
            if any(sides):
                box = Box(layout.number, *(side / _QUARTERS for side in sides))
                if found and _on_one_line(found[-1], box):
                    found[-1] = _around(found[-1], box)
                else:
                    found.append(box)
    return tuple(found)


def page_words(layout: PageLayout, text: str) -> list[PageWord]:
    """Return the words of a page in the order of its ``text``, which begins where the page does."""
    found: list[PageWord] = []
    for word, box in _parts(layout, text):
        if found and not _on_one_line(found[-1].box, box):
            found[-1] = PageWord(found[-1].text, found[-1].box, ends_line=True)
        found.append(PageWord(word, box))
    return found


def _parts(layout: PageLayout, text: str) -> Iterator[tuple[str, Box]]:
    """Yield what stands between blanks, cut where a hyphenated word goes on in the next line."""
    part, around = "", None
    sides_of_all = _CHARACTER.iter_unpack(zlib.decompress(layout.boxes))
    for character, sides in zip(text, sides_of_all, strict=False):
        if character.isspace():
            if part and around:
                yield part, around
            part, around = "", None
            continue
        if any(sides):
            box = Box(layout.number, *(side / _QUARTERS for side in sides))
            if around and not _on_one_line(around, box):
                yield part, around
                part, around = "", None
            around = _around(around, box) if around else box
        part += character
    if part and around:
        yield part, around


def _on_one_line(line: Box, box: Box) -> bool:
    shared = min(line.bottom, box.bottom) - max(line.top, box.top)
    height = max(line.bottom - line.top, box.bottom - box.top)
    low = min(line.bottom - line.top, box.bottom - box.top)
    return (
        line.page == box.page
        and shared >= low / 2
        and -height <= box.left - line.right <= _MOST_GAP * height
    )


def _around(one: Box, other: Box) -> Box:
    return Box(
        one.page,
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
