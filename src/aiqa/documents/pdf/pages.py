"""What a page of a PDF holds: lines, rules, fields, comments, and pictures of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aiqa.documents.pdf.annotations import annotations_of
from aiqa.documents.pdf.flow import FlowPart
from aiqa.documents.pdf.lines import Line, PageText, text_of_line
from aiqa.documents.pdf.rules import Rule, rules_of

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_SCANNED = 0.5
"""A page of which a picture covers at least this share may be a scan."""

_FEW_LINES = 12
"""More lines are not all header and footer."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page as its file has it: its size in points, and what stands on it."""

    size: tuple[float, float]
    lines: Sequence[Line] = ()
    rules: tuple[Sequence[Rule], Sequence[Rule]] = ((), ())
    beside: Sequence[FlowPart] = ()
    unreadable: int = 0
    is_garbled: bool = False
    is_scan: bool = False
    shows_something: bool = False

    def is_picture(self, *, has_text: bool) -> bool:
        """Whether the page may show words that are not in its file as text that can be read.

        ``has_text`` tells whether it holds more than running lines.
        """
        if self.is_garbled:
            return True
        return not has_text and (self.is_scan or (self.shows_something and not self.lines))


def page_content(document: PdfDocument, index: int) -> PageContent:
    """Read page ``index`` of ``document``.

    Raises:
        PdfiumError: the page is damaged.
    """
    page = document[index]
    try:
        text = _text(page)
        return PageContent(
            page.get_size(),
            text.lines,
            rules_of(page),
            annotations_of(document, page),
            text.unreadable,
            text.is_garbled,
            len(text.lines) <= _FEW_LINES and _picture_share(page) >= _SCANNED,
            _shows_something(page),
        )
    finally:
        page.close()


def page_image(
    document: PdfDocument, index: int, longest_side: int
) -> tuple[NDArray[np.uint8], float]:
    """Draw page ``index`` as it is displayed; how many pixels a point has.

    Returns:
        Rows of pixels in blue, green and red, shape ``(height, width, 3)``, and the scale.

    Raises:
        PdfiumError: the page is damaged.
    """
    page = document[index]
    try:
        scale = longest_side / max(*page.get_size(), 1.0)
        return page.render(scale=scale).to_numpy().copy(), scale
    finally:
        page.close()


def _text(page: PdfPage) -> PageText:
    text_page = page.get_textpage()
    try:
        return text_of_line(page, text_page)
    finally:
        text_page.close()


def _shows_something(page: PdfPage) -> bool:
    from pypdfium2.raw import FPDFPage_CountObjects

    return bool(FPDFPage_CountObjects(page.raw) > 0)


def _picture_share(page: PdfPage) -> float:
    """The share of the page that its largest picture covers."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    shares = [0.0]
    for item in page.get_objects((FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = item.get_bounds()
        shares.append((right - left) * (top - bottom) / max(width * height, 1.0))
    return max(shares)
