"""Documents of other formats within a Word document, which Word takes in when it opens it."""

from __future__ import annotations

from email import message_from_bytes, policy

from aiqa.documents import html_blocks
from aiqa.documents.detection import signature, text_kind
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText


def add_chunk(data: bytes, text: CanonicalText) -> None:
    """Add a page, a page saved as one file (MHTML) or plain text; other formats are noted."""
    match signature(data) or text_kind(data):
        case ".html":
            _add_page(decode(data), text)
        case ".eml":
            _add_saved_page(data, text)
        case ".txt":
            source = decode(data)
            if "</" in source:
                _add_page(source, text)
                return
            for line in source.split("\n"):
                text.paragraph(line)
        case kind:
            text.omit(f"A {kind or 'document'} file embedded in this one was not read.")


def _add_page(source: str, text: CanonicalText) -> None:
    if (page := html_blocks.parse(source)) is not None:
        html_blocks.add_body(page, text)


def _add_saved_page(data: bytes, text: CanonicalText) -> None:
    message = message_from_bytes(data, policy=policy.default)
    body = message.get_body(("html", "plain"))
    if body is None:
        text.omit("A page embedded in this document was not read: it has no text.")
    elif body.get_content_type() == "text/html":
        _add_page(body.get_content(), text)
    else:
        text.paragraph(body.get_content())
