"""Text in shapes, cells and titles of DrawingML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.equations import linear
from aiqa.documents.ooxml.names import RAISED, attribute, branch, child, prefixed

if TYPE_CHECKING:
    from lxml.etree import _Element

_ESCAPED = re.compile("_x00[01][0-9A-Fa-f]_")
"""A control character, such as the one for a line break in a title, which XML cannot hold."""

_SKIPPED = frozenset(("a:pPr", "a:endParaRPr", "a:rPr"))


def paragraph_text(paragraph: _Element) -> str:
    """Return the words of ``a:p``, with its line breaks, and equations in one line."""
    return "".join(_pieces(paragraph))


def _pieces(element: _Element) -> Iterator[str]:
    for inner in element:
        match prefixed(inner):
            case "a:t":
                yield _ESCAPED.sub(" ", inner.text or "").replace("\N{SOFT HYPHEN}", "")
            case "a:r" if attribute(child(inner, "a:rPr"), "baseline", "0")[:1] not in "-0":
                yield _raised("".join(_pieces(inner)))
            case "a:br":
                yield "\n"
            case "m:oMath":
                yield linear(inner)
            case "mc:AlternateContent":
                chosen = branch(inner)
                if chosen is not None:
                    yield from _pieces(chosen)
            case name if name not in _SKIPPED:
                yield from _pieces(inner)


def _raised(words: str) -> str:
    """Return a superscript; "10" with a raised "6" is not 106."""
    return words if any(map(str.isalpha, words)) else words.translate(RAISED)


def body_text(body: _Element | None) -> str:
    """Return all words of a body of text (``p:txBody``), its paragraphs joined by blanks."""
    return " ".join(filter(str.strip, body_paragraphs(body)))


def body_paragraphs(body: _Element | None) -> list[str]:
    """Return the words of each paragraph of a body of text."""
    if body is None:
        return []
    return [paragraph_text(element) for element in body if prefixed(element) == "a:p"]
