"""Pages of a PDF without text that can be read: they are drawn and read as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiqa.documents import ocr
from aiqa.documents.ocr_extra import REMEDY, has_ocr
from aiqa.documents.pdf.lines import Line
from aiqa.documents.pdf.pages import page_image

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument


@dataclass(frozen=True, slots=True)
class Scans:
    """What reading pages as pictures brought: the lines of those with words, by index of the page.

    ``unread`` are the numbers, from 1, of those without; ``omissions`` say in sentences for people
    what may be wrong or missing.
    """

    lines: dict[int, list[Line]] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)
    omissions: list[str] = field(default_factory=list)


def scans(document: PdfDocument, indices: Sequence[int]) -> Scans:
    """Read the pages of these ``indices`` as pictures, as far as the packages are installed."""
    result = Scans()
    if not has_ocr():
        result.unread.extend(index + 1 for index in indices)
        if indices:
            result.omissions.append(f"{named(result.unread)} can only be read by OCR. {REMEDY}")
        return result
    for index in indices[: ocr.MOST_PAGES]:
        text = ocr.picture_text(*page_image(document, index, ocr.LONGEST_SIDE))
        result.omissions.extend(text.doubts(index + 1))
        if text.lines:
            result.lines[index] = text.lines
        else:
            result.unread.append(index + 1)
    if rest := [index + 1 for index in indices[ocr.MOST_PAGES :]]:
        result.unread.extend(rest)
        result.omissions.append(
            f"{named(rest)} can only be read by OCR, which reads {ocr.MOST_PAGES} pages of a file. "
            "Split it."
        )
    return result


def named(numbers: Sequence[int]) -> str:
    """Return how people name pages: "Page 3", "Pages 3, 5 and 6"."""
    if len(numbers) == 1:
        return f"Page {numbers[0]}"
    *most, last = map(str, numbers)
    return f"Pages {', '.join(most)} and {last}"
