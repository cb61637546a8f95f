"""The lines of text on a PDF page, and where each of their characters stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from ctypes import byref
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

BOX_BYTES = 8
"""Left, top, right and bottom as unsigned 16-bit numbers; see ``PageLayout``."""

GUTTER = 0.8
"""Columns stand at least this far apart, in type sizes."""

_BLANK = 0.25
"""About how wide a blank is, in type sizes, as Times and Helvetica have it."""

_HYPHENS_AT_BREAKS = (0x02, 0xFFFE)
"""What pdfium, by its version, gives for a hyphen at the end of a line, and the break after it."""
_HYPHEN = -1
_LINE_ENDS = frozenset((0x0A, 0x0D, _HYPHEN))

_CUT_WORD = re.compile(r"[^\W\d_][-\N{HYPHEN}\N{SOFT HYPHEN}]$")

_QUARTERS = 4
_WIDEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where it stands on its page as displayed, from the upper left corner.

    ``left``, ``right``, ``base`` (the bottom of most letters' boxes) and ``size`` are in points;
    ``ink`` holds ``BOX_BYTES`` for each character of ``text`` that is not blank; ``gaps`` are the
    characters before which there is a blank as wide as a gutter. Lines of one ``column`` of the
    page were set together.
    """

    text: str
    ink: bytes
    size: float
    left: float
    right: float
    base: float
    gaps: tuple[int, ...] = ()
    column: int = 0

    def advance(self) -> float:
        """How wide a blank and the first word are, in points, had they stood on the line above."""
        first_word = self.text.split(maxsplit=1)[0]
        boxes = np.frombuffer(self.ink, "<u2").reshape(-1, 4)[: _inked(first_word)] / _QUARTERS
        return float(boxes[:, 2].max() - boxes[:, 0].min()) + _BLANK * self.size

    def is_cut(self, below: Line) -> bool:
        """Whether a word of this line goes on in the line ``below``, only a hyphen between."""
        return bool(_CUT_WORD.search(self.text)) and below.text[0].islower()

    def part(self, start: int, end: int) -> Line:
        """Characters ``start`` to ``end`` as a line of their own."""
        if (start, end) == (0, len(self.text)):
            return self
        text = self.text[start:end].strip()
        first = BOX_BYTES * _inked(self.text[:start])
        ink = self.ink[first : first + BOX_BYTES * _inked(text)]
        boxes = np.frombuffer(ink, "<u2").reshape(-1, 4) / _QUARTERS
        return replace(
            self,
            text=text,
            ink=ink,
            left=float(boxes[:, 0].min()),
            right=float(boxes[:, 2].max()),
            gaps=(),
        )


def body_size(lines: Iterable[Line]) -> float:
    """The type size, in points, of most characters; 0 where there are none."""
    weight: Counter[float] = Counter()
    for line in lines:
        weight[line.size] += len(line.text)
    return weight.most_common(1)[0][0] if weight else 0.0


def lines_of(page: PdfPage, text_page: PdfTextPage) -> list[Line]:
    """The lines of a page in the order in which its file has them."""
    raw = text_page.raw
    units = _units(raw, text_page.count_chars())
    boxes = _displayed(_boxes(raw, units), page)
    ends = [index + 1 for index, unit in enumerate(units) if unit in _LINE_ENDS]
    lines = (
        _line(raw, units, boxes, start, end) for start, end in pairwise([0, *ends, len(units)])
    )
    return [line for line in lines if line]


def _units(raw: Any, count: int) -> list[int]:
    """The UTF-16 code unit of each character, or ``_HYPHEN``."""
    from pypdfium2.raw import FPDFText_GetUnicode, FPDFText_IsHyphen

    units = [FPDFText_GetUnicode(raw, index) for index in range(count)]
    for index, unit in enumerate(units):
        if unit in _HYPHENS_AT_BREAKS and FPDFText_IsHyphen(raw, index) == 1:
            units[index] = _HYPHEN
    return units


def _boxes(raw: Any, units: list[int]) -> NDArray[np.float32]:
    """Left, top, right and bottom of each character in the page's own space, shape ``(n, 4)``."""
    from pypdfium2.raw import FS_RECTF, FPDFText_GetLooseCharBox

    boxes = (FS_RECTF * len(units))()
    for index, box in enumerate(boxes):
        FPDFText_GetLooseCharBox(raw, index, byref(box))
    return np.nan_to_num(np.frombuffer(boxes, np.float32).reshape(-1, 4))


def _displayed(boxes: NDArray[np.float32], page: PdfPage) -> NDArray[np.float32]:
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
    raw: Any, units: list[int], boxes: NDArray[np.float32], start: int, end: int
) -> Line | None:
    """Characters ``start`` to ``end`` as one line; None if they are blank."""
    letters: list[str] = []
    inked: list[int] = []
    gaps: list[int] = []
    size = 0.0
    for index in range(start, end):
        unit = units[index]
        letter = "-" if unit == _HYPHEN else chr(unit)
        if _is_low(letter) and letters and _is_high(letters[-1]):
            # pdfium gives characters past U+FFFF as two surrogates, each with its box.
            pair = (letters[-1] + letter).encode("utf-16-le", "surrogatepass")
            letters[-1] = pair.decode("utf-16-le")
        elif letter.isspace():
            letters += " " if letters else ""
        elif unit:
            size = size or _size(raw, index)
            if inked and boxes[index, 0] - boxes[inked[-1], 2] > GUTTER * size:
                gaps.append(len(letters))
            letters.append(letter)
            inked.append(index)
    if not inked:
        return None
    ink = boxes[inked]
    return Line(
        text="".join(letters).rstrip(),
        ink=np.clip(np.rint(ink * _QUARTERS), 0, _WIDEST).astype("<u2").tobytes(),
        size=round(size, 1),
        left=float(ink[:, 0].min()),
        right=float(ink[:, 2].max()),
        base=float(np.median(ink[:, 3])),
        gaps=tuple(gaps),
    )


def _size(raw: Any, index: int) -> float:
    """Type size in points: pdfium's is before the scaling that many programs write."""
    from pypdfium2.raw import FS_MATRIX, FPDFText_GetFontSize, FPDFText_GetMatrix

    matrix = FS_MATRIX()
    scale = hypot(matrix.c, matrix.d) if FPDFText_GetMatrix(raw, index, byref(matrix)) else 1.0
    return float(FPDFText_GetFontSize(raw, index)) * (scale or 1.0)


def _is_high(letter: str) -> bool:
    return "\ud800" <= letter <= "\udbff"


def _is_low(letter: str) -> bool:
    return "\udc00" <= letter <= "\udfff"


def _inked(text: str) -> int:
    return len("".join(text.split()))
