"""PDF, page by page, by pdfium."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from aiqa.documents.pdf.headers_footers import without_running_lines
from aiqa.documents.pdf.lines import Line, lines_of
from aiqa.documents.pdf.paragraphs import Outline, flow, heading_key
from aiqa.documents.pdf.reading_order import reading_order
from aiqa.documents.text_builder import Content
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_NO_TITLE = re.compile(
    r"\s*(untitled.*|\(anonymous\)|microsoft word - .*|.*\.(docx?|tex|dvi|indd|qxd))\s*",
    re.IGNORECASE,
)
"""What programs fill in for a title that nobody wrote."""

_pdfium = Lock()  # the library is not thread-safe


def load(data: bytes) -> Content:
    """Paragraphs and headings in reading order, with where each page and character stands.

    Raises:
        DocumentError: the file is encrypted, truncated, not a PDF, or has no text layer.
    """
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    with _pdfium:
        try:
            document = PdfDocument(data)
        except PdfiumError as error:
            if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD:
                raise DocumentError(
                    "This PDF is encrypted and asks for a password.",
                    "Save a copy without the password.",
                ) from error
            raise DocumentError(
                f"This is not a readable PDF: {error}", "It may be truncated; fetch it anew."
            ) from error
        try:
            return _content(document)
        except PdfiumError as error:
            raise DocumentError(f"A page of this PDF is damaged: {error}") from error
        finally:
            document.close()


def _content(document: PdfDocument) -> Content:
    pages: list[list[Line]] = []
    sizes: list[tuple[float, float]] = []
    unread: list[int] = []
    for number in range(len(document)):
        page = document[number]
        try:
            pages.append(_lines(page))
            sizes.append(page.get_size())
            if not pages[-1] and _shows_something(page):
                unread.append(number + 1)
        finally:
            page.close()
    bodies = without_running_lines(pages)
    if not any(bodies):
        but = " but the same headers and footers" if any(pages) else ""
        raise DocumentError(
            f"No text on the {len(pages)} pages of this PDF{but}: "
            "they are probably scanned images.",
            "Run OCR on it first.",
        )
    title = document.get_metadata_value("Title")
    content = flow(
        [reading_order(page) for page in bodies],
        sizes,
        _outline(document),
        None if _NO_TITLE.fullmatch(title) else title,
    )
    return replace(content, unread_pages=tuple(unread))


def _lines(page: PdfPage) -> list[Line]:
    text_page = page.get_textpage()
    try:
        return lines_of(page, text_page)
    finally:
        text_page.close()


def _shows_something(page: PdfPage) -> bool:
    from pypdfium2.raw import FPDFPage_CountObjects

    return bool(FPDFPage_CountObjects(page.raw) > 0)


def _outline(document: PdfDocument) -> Outline:
    """The table of contents that the file carries; entries that lead nowhere are passed over."""
    outline = defaultdict[int, dict[str, int]](dict)
    for entry in document.get_toc():
        place = entry.get_dest()
        page = place.get_index() if place else None
        if page is not None and (key := heading_key(entry.get_title())):
            outline[page + 1].setdefault(key, min(entry.level + 1, 6))
    return outline
