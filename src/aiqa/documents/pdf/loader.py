"""PDF, page by page, by pdfium."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from aiqa.documents.pdf.flow import FlowPart, flow
from aiqa.documents.pdf.footnotes import Footnote, without_footnotes
from aiqa.documents.pdf.headers_footers import Running, without_running_lines
from aiqa.documents.pdf.lines import body_size
from aiqa.documents.pdf.pages import PageContent, page_content
from aiqa.documents.pdf.paragraphs import Outline, heading_key, joined
from aiqa.documents.pdf.reading_order import reading_order
from aiqa.documents.pdf.ruled_tables import with_tables
from aiqa.documents.pdf.scans import Scans, named, scans
from aiqa.documents.pdf.table_cells import ruled_table
from aiqa.documents.text_builder import Content, one_line
from aiqa.documents.titles import written_title
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_XFA = (
    "This file is an XFA form, of which only what it also holds as pages of PDF is read. "
    "Print it to a new PDF to have all of it read."
)

_MOST_ATTACHED = 100

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
        finally:
            document.close()


def _content(document: PdfDocument) -> Content:
    omissions = [*_begin_form(document), *_attached(document)]
    pages, damaged = _pages(document)
    found = without_running_lines(
        [with_tables(page.lines, page.rules) for page in pages], [page.size[1] for page in pages]
    )
    bodies = found.pages
    unread = [n for n, page in enumerate(pages) if page.is_picture(has_text=n not in found.bare)]
    read = scans(document, unread)
    for number, lines in read.lines.items():
        bodies[number] = lines
    if not any(bodies) and not any(page.beside for page in pages):
        raise DocumentError(
            f"No text on the {len(pages)} pages of this PDF.",
            " ".join([*_damage(damaged), *_unreadable(pages, read), *read.omissions]),
        )
    asides: dict[int, list[FlowPart]] = {number: [] for number in range(1, len(pages) + 1)}
    for line in found.running:
        asides[line.page + 1].append(_running(line))
    body = body_size(line for page in bodies for line in page)
    ordered = []
    for number, (page, lines) in enumerate(zip(pages, bodies, strict=True), 1):
        rest, notes = without_footnotes(reading_order(lines), body)
        ordered.append(rest)
        asides[number] += [*map(_note, notes), *page.beside]
    content = flow(
        ordered,
        [page.size for page in pages],
        _outline(document),
        written_title(document.get_metadata_value("Title")),
        asides,
    )
    return replace(
        content,
        unread_pages=tuple(sorted({*read.unread, *damaged})),
        ocr_pages=tuple(number + 1 for number in sorted(read.lines)),
        omissions=(*omissions, *_damage(damaged), *_unreadable(pages, read), *read.omissions),
    )


def _begin_form(document: PdfDocument) -> list[str]:
    """Let pdfium read the form of the file; what of it is left out, in sentences for people."""
    from pypdfium2 import PdfiumError
    from pypdfium2.raw import FORMTYPE_XFA_FOREGROUND, FORMTYPE_XFA_FULL

    try:
        document.init_forms()
    except PdfiumError:
        return ["The form in this file is damaged; what is filled in is left out."]
    if document.get_formtype() in (FORMTYPE_XFA_FULL, FORMTYPE_XFA_FOREGROUND):
        return [_XFA]
    return []


def _attached(document: PdfDocument) -> list[str]:
    """Name the files that are attached to a PDF."""
    count = min(document.count_attachments(), _MOST_ATTACHED)
    names = (document.get_attachment(index).get_name() for index in range(count))
    return [f"The attached file {one_line(name) or 'without name'} was not read." for name in names]


def _pages(document: PdfDocument) -> tuple[list[PageContent], list[int]]:
    """What the pages hold, and the numbers of those that are damaged."""
    from pypdfium2 import PdfiumError

    pages = []
    damaged = []
    for index in range(len(document)):
        try:
            pages.append(page_content(document, index))
        except PdfiumError:
            pages.append(PageContent((0.0, 0.0)))
            damaged.append(index + 1)
    return pages, damaged


def _damage(pages: Sequence[int]) -> list[str]:
    """Name the damaged pages."""
    verb = "is" if len(pages) == 1 else "are"
    return [f"{named(pages)} {verb} damaged and cannot be read."] if pages else []


def _unreadable(pages: Sequence[PageContent], read: Scans) -> list[str]:
    """Name the pages some of whose characters are left out."""
    partly = [n for n, page in enumerate(pages) if page.unreadable and n not in read.lines]
    if not partly:
        return []
    pages_named = named([number + 1 for number in partly])
    count = sum(pages[number].unreadable for number in partly)
    reason = "their font does not say which letters they are"
    return [f"{pages_named}: {count} characters are left out, for {reason}."]


def _running(line: Running) -> FlowPart:
    if table := line.parts[0].table:
        return FlowPart("table", "", b"", table=ruled_table(table))
    return FlowPart(line.kind, line.text, b"".join(part.ink for part in line.parts))


def _note(note: Footnote) -> FlowPart:
    words, ink = joined(note.lines)
    return FlowPart("note", words, ink, label=f"footnote {note.mark}")


def _outline(document: PdfDocument) -> Outline:
    """The table of contents that the file carries; entries that lead nowhere are passed over."""
    outline = defaultdict[int, dict[str, int]](dict)
    for entry in document.get_toc():
        place = entry.get_dest()
        page = place.get_index() if place else None
        if page is not None and (key := heading_key(entry.get_title())):
            outline[page + 1].setdefault(key, min(entry.level + 1, 6))
    return outline
