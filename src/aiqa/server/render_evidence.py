"""The evidence panel: a source, open at the place that is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aiqa.server.document_view import document_html, literal, window
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


def panel(opened: EvidencePanel) -> str:
    """What the panel shows, its head included."""
    document, quote = opened.document, opened.quote
    page = document.page_at(quote.start)
    path = [title for title in document.section_at(quote.start) if title != document.title]
    where = locator(document.source, page, heading_path(path))
    words = document.text[quote.start : quote.end]
    copied = ", ".join(filter(None, (f"“{words}”", document.title, where, document.source)))
    body = _page(opened) if opened.size else _text(opened)
    return (
        f'<header><h2 dir="auto" tabindex="-1">{literal(document.title)}</h2>'
        f'<p class="where"><bdi>{literal(where)}</bdi></p>'
        f'<p class="path"><bdi>{literal(document.source)}</bdi></p><div class="tools">'
        f'<button type="button" class="plain copy" data-copy="{literal(copied)}">'
        "Copy citation</button>"
        f'<a class="plain" href="documents/{literal(document.id)}/original" download>'
        f"Download original</a>{_views(opened)}</div></header>{body}"
    )


def _views(opened: EvidencePanel) -> str:
    if opened.document.format != "pdf":
        return ""
    buttons = "".join(
        f'<button type="button" class="plain view" data-view="{view}" '
        f'aria-pressed="{str(opened.view == view).lower()}">{name}</button>'
        for view, name in (("page", "Page"), ("text", "Text"))
    )
    return f'<span role="group" aria-label="Shown as">{buttons}</span>'


def _text(opened: EvidencePanel) -> str:
    document = opened.document
    within = window(document, Span(opened.at, opened.at))
    earlier = _further("Earlier", within.start) if within.start else ""
    later = _further("Later", within.end) if within.end < len(document.text) else ""
    return (
        f'{earlier}<div class="text" data-offset="{within.start}" tabindex="0" role="region" '
        f'aria-label="Text of the document">'
        f"{document_html(document, within, opened.sentence, opened.quote)}</div>{later}"
    )


def _further(name: str, at: int) -> str:
    return (
        f'<button type="button" class="plain further" data-at="{at}">{name} in the document'
        "</button>"
    )


def _page(opened: EvidencePanel) -> str:
    width, height = opened.size or (1, 1)
    number = opened.page or 1
    numbers = [page.number for page in opened.document.pages]
    last = max(numbers, default=1)
    boxes = "".join(
        f'<span class="box" style="left:{box.left / width:.3%};top:{box.top / height:.3%};'
        f"width:{(box.right - box.left) / width:.3%};"
        f'height:{(box.bottom - box.top) / height:.3%}"></span>'
        for box in opened.boxes
        if box.page == number
    )
    turns = (
        f'<div class="pager"><button type="button" class="plain turn-page" data-page="{number - 1}"'
        f'{" disabled" * (number <= 1)} aria-label="Previous page">‹</button>'
        f"<span>Page {number} of {last}</span>"
        f'<button type="button" class="plain turn-page" data-page="{number + 1}"'
        f'{" disabled" * (number >= last)} aria-label="Next page">›</button></div>'
    )
    return (
        f'{turns}<figure class="page" tabindex="0" style="aspect-ratio:{width:.1f}/{height:.1f}">'
        f'<img src="documents/{literal(opened.document.id)}/pages/{number}.png" '
        f'alt="Page {number}; “Text” shows its words">{boxes}</figure>'
    )
