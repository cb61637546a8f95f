"""The evidence panel as HTML: a source, open at the place that is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiqa.server.document_view import blocks, window
from aiqa.server.rendering import render
from aiqa.types import Box, Document, Span, heading_path, locator

View = Literal["page", "text"]


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """A place in a document: the quote, the sentence around it, and for PDF where it is drawn.

    ``page`` is shown of a PDF, ``size`` its width and height in points; ``boxes`` are the quote's.
    ``at`` is the character around which the text is shown.
    """

    document: Document
    quote: Span
    sentence: Span
    at: int
    page: int | None = None
    size: tuple[float, float] | None = None
    boxes: Sequence[Box] = ()

    @property
    def view(self) -> View:
        """Whether the page's picture or the document's text is shown."""
        return "page" if self.size else "text"


def panel_html(panel: EvidencePanel) -> str:
    """Return what the panel shows, its head included."""
    document, quote = panel.document, panel.quote
    path = [title for title in document.section_at(quote.start) if title != document.title]
    where = locator(
        document.source,
        document.page_at(quote.start),
        heading_path(path),
        document.place_at(quote.start),
    )
    words = document.text[quote.start : quote.end]
    return render(
        "evidence.html",
        panel=panel,
        document=document,
        where=where,
        citation=", ".join(filter(None, (f"“{words}”", document.title, where, document.source))),
        **(_page(panel, *panel.size) if panel.size else _text(panel)),
    )


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
