"""The lines of text on a PDF page, and where each of their characters stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from ctypes import byref
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aiqa.documents.pdf.characters import (
    HYPHENATED,
    in_reading_order,
    is_right_to_left,
    letters,
)
from aiqa.documents.pdf.scripts import as_script, with_scripts_in_line

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

BOX_BYTES = 8
"""Left, top, right and bottom as unsigned 16-bit numbers; see ``PageLayout``."""

GUTTER = 0.8
"""Columns stand at least this far apart, in type sizes."""

_BLANK = 0.25
"""About how wide a blank is, in type sizes, as Times and Helvetica have it."""

_CUT_WORD = re.compile(r"[^\W\d_][-\N{HYPHEN}\N{SOFT HYPHEN}]$")

TABULAR = 2.5
"""Justified lines have no blanks as wide as this, in type sizes."""

_LEADER = re.compile(r"(?:[.·…_] ?){5,}")

_BLANKS = (" ", "\n")
_LINE_ENDS = ("\n", HYPHENATED)

_QUARTERS = 4
_WIDEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where it stands on its page as displayed, from the upper left corner.

    ``left``, ``right``, ``base`` (the bottom of most letters' boxes) and ``size`` are in points;
    ``ink`` holds ``BOX_BYTES`` for each character of ``text`` that is not blank; ``gaps`` are the
    characters before which there is a blank as wide as a gutter. Lines of one ``column`` of the
    page were set together. A ruled ``table`` counts as one line, whose text is that of its cells.
    """

    text: str
    ink: bytes
    size: float
    left: float
    right: float
    base: float
    gaps: tuple[int, ...] = ()
    column: int = 0
    table: tuple[tuple[CellLines, ...], ...] = ()

    def advance(self) -> float:
        """How wide a blank and the first word are, in points, had they stood on the line above."""
        first_word = self.text.split(maxsplit=1)[0]
        boxes = self.boxes()[: inked(first_word)]
        return float(boxes[:, 2].max() - boxes[:, 0].min()) + _BLANK * self.size

    def is_cut(self, below: Line) -> bool:
        """Whether a word of this line goes on in the line ``below``, only a hyphen between."""
        return (
            bool(_CUT_WORD.search(self.text))
            and below.text[0].islower()
            and not (self.table or below.table)
        )

    def is_spread(self) -> bool:
        """Whether there is a blank within as only tables and forms have, or a row of dots."""
        if _LEADER.search(self.text):
            return True
        boxes = self.boxes() if self.gaps else None
        places = (inked(self.text[:gap]) for gap in self.gaps)
        return boxes is not None and any(
            boxes[place, 0] - boxes[place - 1, 2] > TABULAR * self.size for place in places
        )

    def boxes(self) -> NDArray[np.float64]:
        """Return the boxes of the characters that are not blank, in points, shape ``(n, 4)``."""
        return np.frombuffer(self.ink, "<u2").reshape(-1, 4) / _QUARTERS

    def part(self, start: int, end: int) -> Line:
        """Characters ``start`` to ``end`` as a line of their own."""
        if (start, end) == (0, len(self.text)):
            return self
        text = self.text[start:end].strip()
        first = BOX_BYTES * inked(self.text[:start])
        ink = self.ink[first : first + BOX_BYTES * inked(text)]
        boxes = np.frombuffer(ink, "<u2").reshape(-1, 4) / _QUARTERS
        return replace(
            self,
            text=text,
            ink=ink,
            left=float(boxes[:, 0].min()),
            right=float(boxes[:, 2].max()),
            gaps=(),
        )


@dataclass(frozen=True, slots=True)
class CellLines:
    """A cell of a ruled table: its lines, and the columns and rows that it covers."""

    lines: tuple[Line, ...]
    columns: int = 1
    rows: int = 1


def body_size(lines: Iterable[Line]) -> float:
    """The type size, in points, of most characters; 0 where there are none."""
    weight: Counter[float] = Counter()
    for line in lines:
        weight[line.size] += len(line.text)
    return weight.most_common(1)[0][0] if weight else 0.0


@dataclass(frozen=True, slots=True)
class PageText:
    """The lines of a page, and how many of its characters cannot be read; see ``Letters``."""

    lines: list[Line]
    unreadable: int
    is_garbled: bool


def text_of_line(page: PdfPage, text_page: PdfTextPage) -> PageText:
    """Return the lines of a page in the order in which its file has them."""
    raw = text_page.raw
    found = letters(raw, text_page.count_chars())
    boxes = displayed(_boxes(raw, len(found.of)), page)
    ink = quarters(boxes)
    shown = with_scripts_in_line(found.of, boxes)
    ends = [index + 1 for index, letter in enumerate(shown) if letter in _LINE_ENDS]
    lines = (
        _line(raw, shown, boxes, ink, start, end) for start, end in pairwise([0, *ends, len(shown)])
    )
    return PageText([line for line in lines if line], found.unreadable, found.is_garbled)


def _boxes(raw: Any, count: int) -> NDArray[np.float32]:
    """Left, top, right and bottom of each character in the page's own space, shape ``(n, 4)``."""
    from pypdfium2.raw import FS_RECTF, FPDFText_GetLooseCharBox

    boxes = (FS_RECTF * count)()
    for index, box in enumerate(boxes):
        FPDFText_GetLooseCharBox(raw, index, byref(box))
    return np.nan_to_num(np.frombuffer(boxes, np.float32).reshape(-1, 4))


def displayed(boxes: NDArray[np.float32], page: PdfPage) -> NDArray[np.float32]:
    """The same boxes in points from the upper left corner of the page as it is displayed."""
    left, bottom, *_ = page.get_bbox()
    width, height = page.get_size()
    x = boxes[:, [0, 2]]
    y = boxes[:, [1, 3]]
    match page.get_rotation():
        case 90:
            x, y = y - bottom, x - left
        case 180:
            x, y = left + width - x, y - bottom
        case 270:
            x, y = bottom + width - y, left + height - x
        case _:
            x, y = x - left, bottom + height - y
    return np.column_stack([x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)])


def _line(
    raw: Any,
    letters: Sequence[str],
    boxes: NDArray[np.float32],
    ink: NDArray[np.uint16],
    start: int,
    end: int,
) -> Line | None:
    """Characters ``start`` to ``end`` as one line; None if they are blank."""
    text: list[str] = []
    inked: list[int] = []
    gaps: list[int] = []
    size = 0.0
    right = 0.0
    usual: list[float] = []
    for index, letter, box in zip(
        range(start, end), letters[start:end], boxes[start:end].tolist(), strict=True
    ):
        if letter in _BLANKS:
            text += " " if text else ""
        elif letter:
            size = size or _size(raw, index)
            if inked and box[0] - right > GUTTER * size:
                gaps.append(len(text))
            right = box[2]
            script = as_script(letter, box, usual) if usual else letter
            if script != letter and _size(raw, index) < size:
                letter = script  # noqa: PLW2901
            else:
                usual = box
            for part in letter.rstrip("\n") if len(letter) > 1 else letter:
                text.append(part)
                inked.append(index)
    if not inked:
        return None
    places = boxes[inked]
    words = "".join(text).rstrip()
    return Line(
        text=words if words.isascii() else _with_ligatures(words, places),
        ink=ink[inked].tobytes(),
        size=round(size, 1),
        left=float(places[:, 0].min()),
        right=float(places[:, 2].max()),
        base=median(places[:, 3].tolist()),
        gaps=tuple(gaps),
    )


def _with_ligatures(words: str, ink: NDArray[np.float32]) -> str:
    """``words`` with the letters of each right-to-left ligature in the order of typing."""
    if not any(map(is_right_to_left, words)):
        return words
    inked = [index for index, letter in enumerate(words) if letter != " "]
    text = list(words)
    start = 0
    for end in range(1, len(inked) + 1):
        if end == len(inked) or not np.array_equal(ink[end], ink[start]):
            first, last = inked[start], inked[end - 1] + 1
            if end - start > 1 and is_right_to_left(words[first]):
                text[first:last] = in_reading_order(words[first:last])
            start = end
    return "".join(text)


def quarters(boxes: NDArray[np.floating[Any]]) -> NDArray[np.uint16]:
    """Return boxes in points, shape ``(n, 4)``, in the units of ``PageLayout``."""
    sides: NDArray[np.uint16] = np.clip(np.rint(boxes * _QUARTERS), 0, _WIDEST).astype("<u2")
    return sides


def packed(boxes: NDArray[np.floating[Any]]) -> bytes:
    """Return boxes in points, shape ``(n, 4)``, as ``PageLayout`` has them."""
    return bytes(quarters(boxes).tobytes())


def spread(box: Sequence[float], count: int) -> NDArray[np.float64]:
    """Return the boxes of ``count`` characters that share ``box`` evenly, shape ``(count, 4)``."""
    left, top, right, bottom = box
    sides = np.linspace(left, right, count + 1)
    return np.column_stack([sides[:-1], np.full(count, top), sides[1:], np.full(count, bottom)])


def _size(raw: Any, index: int) -> float:
    """Type size in points: pdfium's is before the scaling that many programs write."""
    from pypdfium2.raw import FS_MATRIX, FPDFText_GetFontSize, FPDFText_GetMatrix

    matrix = FS_MATRIX()
    scale = hypot(matrix.c, matrix.d) if FPDFText_GetMatrix(raw, index, byref(matrix)) else 1.0
    return float(FPDFText_GetFontSize(raw, index)) * (scale or 1.0)


def inked(text: str) -> int:
    """Return the number of characters that are not blank."""
    return len("".join(text.split()))
