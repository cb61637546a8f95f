"""The evidence panel as HTML: a source, open at the place that is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from aiqa.assistant import Assistant
from aiqa.server.document_view import blocks, window
from aiqa.server.place_names import located
from aiqa.server.rendering import render
from aiqa.types import Box, Document, PageWord, Span, heading_path

if TYPE_CHECKING:
    from aiqa.server.schemas import PlaceRequest

View = Literal["page", "text"]

_PICTURED = ("pdf", "image")
"""Formats whose pages can be shown as pictures."""

_A4 = (595.0, 842.0)
"""Size in points of pages without text, whose size is unknown."""

_STOPS = ".!?:;…。！？"
_CLOSING = "\"'”’»)]"


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """A place in a document: the quote, the sentence around it, and where a page shows them.

    ``page`` is shown of a PDF or a picture, ``size`` its width and height in points; ``boxes`` are
    the quote's, ``tints`` the sentence's, and ``words`` all that can be selected on the page.
    ``at`` is the character around which the text is shown.
    """

    document: Document
    quote: Span
    sentence: Span
    at: int
    page: int | None = None
    size: tuple[float, float] | None = None
    boxes: Sequence[Box] = ()
    tints: Sequence[Box] = ()
    words: Sequence[PageWord] = ()

    @property
    def view(self) -> View:
        """Whether the page's picture or the document's text is shown."""
        return "page" if self.size else "text"

    @property
    def has_pages(self) -> bool:
        """Whether pages of the document can be shown as pictures."""
        return self.document.format in _PICTURED and bool(self.document.pages)


def opened_document(assistant: Assistant, place: PlaceRequest) -> EvidencePanel:
    """Return the panel for a place in a document.

    Raises:
        CatalogError: there is no such document.
    """
    document = assistant.document(place.document)
    length = len(document.text)
    start = min(place.start, length)
    quote = Span(start, min(max(place.end, start), length))
    sentence = Span(
        min(place.sentence_start or quote.start, quote.start),
        min(max(place.sentence_end or 0, quote.end), length),
    )
    at = quote.start if place.at is None else min(place.at, length)
    panel = EvidencePanel(document, quote, sentence, at)
    page = place.page or document.page_at(quote.start)
    if not panel.has_pages or place.view == "text" or page is None:
        return panel
    size = assistant.page_size(document.id, page)
    if size is None and document.format != "pdf":
        return panel
    return replace(
        panel,
        page=page,
        size=size or _A4,
        boxes=assistant.boxes(document.id, quote.start, quote.end),
        tints=assistant.boxes(document.id, sentence.start, sentence.end),
        words=assistant.words(document, page),
    )


def panel_html(panel: EvidencePanel) -> str:
    """Return what the panel shows, its head included."""
    document, quote = panel.document, panel.quote
    path = [title for title in document.section_at(quote.start) if title != document.title]
    where = located(
        document.source,
        document.page_at(quote.start),
        heading_path(path),
        document.place_at(quote.start),
    )
    words = excerpt(document, _cited(panel))
    return render(
        "evidence.html",
        panel=panel,
        document=document,
        where=where,
        citation=", ".join(filter(None, (f"“{words}”", document.title, where, document.source))),
        **(_page(panel, *panel.size) if panel.size else _text(panel)),
    )


def excerpt(document: Document, span: Span) -> str:
    """Return the words of ``span`` on one line, with an ellipsis where they cut a sentence."""
    text, block = document.text, _block_around(document, span)
    words = text[span.start : span.end]
    before = text[block.start : span.start].rstrip().rstrip(_CLOSING)
    after = text[span.end : block.end].lstrip(_CLOSING).rstrip()
    is_cut_before = bool(before) and before[-1] not in _STOPS
    ends = words.rstrip(_CLOSING)[-1:] + after[:1]
    is_cut_after = bool(after) and not any(stop in ends for stop in _STOPS)
    line = " ".join(words.split())
    return f"{'… ' if is_cut_before else ''}{line}{' …' if is_cut_after else ''}"


def _cited(panel: EvidencePanel) -> Span:
    """Return what is cited: the sentence, of a table only as far as it is in the quote's cell."""
    document, quote, sentence = panel.document, panel.quote, panel.sentence
    number = document.block_number(quote.start)
    if number is None or document.blocks[number].kind != "table":
        return sentence
    cell = document.blocks[number].cell_at(quote.start)
    if cell is None or quote.end > cell.end:
        return quote
    return Span(max(sentence.start, cell.body), min(sentence.end, cell.end))


def _block_around(document: Document, span: Span) -> Span:
    """Return the block, or the cell of a table, that ``span`` begins in."""
    number = document.block_number(span.start)
    if number is None:
        return span
    block = document.blocks[number]
    cell = block.cell_at(span.start)
    return Span(cell.body, cell.end) if cell else block.span


def _page(panel: EvidencePanel, width: float, height: float) -> dict[str, Any]:
    """Return what is known of the page whose picture is shown."""
    return {
        "page": panel.page or 1,
        "last_page": max((page.number for page in panel.document.pages), default=1),
        "width": width,
        "height": height,
    }


def _text(panel: EvidencePanel) -> dict[str, Any]:
    """Return the part of the text that is shown, and its blocks."""
    within = window(panel.document, Span(panel.at, panel.at))
    return {
        "within": within,
        "blocks": blocks(panel.document, within, panel.sentence, panel.quote),
    }
