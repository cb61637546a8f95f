"""PDF, page by page, by pdfium."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref, c_double
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING

from aiqa.documents.canonical import Content
from aiqa.documents.pdf_layout import Line, flow
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfTextPage

_LINE_BREAK = frozenset((0x0A, 0x0D))
_JOINED_HYPHEN = 0xFFFE
"""What pdfium gives for a hyphen that only a line break called for."""

_pdfium = Lock()  # the library is not thread-safe


def load(data: bytes) -> Content:
    """Paragraphs and headings in reading order, with the character at which each page begins.

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
                f"This is not a readable PDF: {error}.", "It may be truncated; fetch it anew."
            ) from error
        try:
            pages = [_lines(document, number) for number in range(len(document))]
            title = document.get_metadata_value("Title")
        except PdfiumError as error:
            raise DocumentError(f"A page of this PDF is damaged: {error}.") from error
        finally:
            document.close()
    if not any(pages):
        raise DocumentError(
            f"No text on the {len(pages)} pages of this PDF: they are probably scanned images.",
            "Run OCR on it first.",
        )
    return flow(pages, title)


def _lines(document: PdfDocument, number: int) -> list[Line]:
    """Lines of page ``number`` (from 0) in the order in which pdfium reads them."""
    page = document[number]
    text_page = page.get_textpage()
    try:
        runs = groupby(_characters(text_page), key=lambda item: item[1] in _LINE_BREAK)
        lines = (_line(text_page, list(run)) for is_break, run in runs if not is_break)
        return [line for line in lines if line]
    finally:
        text_page.close()
        page.close()


def _characters(text_page: PdfTextPage) -> Iterator[tuple[int, int]]:
    """Index and code unit of each character."""
    from pypdfium2.raw import FPDFText_GetUnicode

    for index in range(text_page.count_chars()):
        yield index, FPDFText_GetUnicode(text_page.raw, index)


def _line(text_page: PdfTextPage, run: list[tuple[int, int]]) -> Line | None:
    """One line; None if it is blank. A hyphen at its end that the break put there is marked."""
    from pypdfium2.raw import FPDFText_GetCharBox, FPDFText_GetFontSize

    units = "".join(chr(unit) for _, unit in run if unit not in (0, _JOINED_HYPHEN))
    # pdfium gives characters past U+FFFF as two surrogates.
    words = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    inked = [index for index, unit in run if not chr(unit).isspace()]
    if not words.strip() or not inked:
        return None
    boxes = []
    for index in inked:
        left, right, bottom, top = (c_double() for _ in range(4))
        FPDFText_GetCharBox(
            text_page.raw, index, byref(left), byref(right), byref(bottom), byref(top)
        )
        boxes.append((left.value, right.value, bottom.value, top.value))
    sizes = sorted(FPDFText_GetFontSize(text_page.raw, index) for index in inked)
    lefts, rights, bottoms, tops = zip(*boxes, strict=True)
    return Line(
        text=words.strip(),
        size=round(sizes[len(sizes) // 2], 1),
        left=min(lefts),
        right=max(rights),
        bottom=min(bottoms),
        top=max(tops),
        hyphenated=run[-1][1] == _JOINED_HYPHEN,
    )
