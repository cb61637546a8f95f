"""Bodies of text on slides: paragraphs with their bullets and numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.drawing_text import paragraph_text
from aiqa.documents.ooxml.names import attribute, child, integer, prefixed
from aiqa.documents.ooxml.number_formats import formatted
from aiqa.documents.text_builder import CanonicalText

if TYPE_CHECKING:
    from lxml.etree import _Element

_SCHEME = re.compile(r"(alphaLc|alphaUc|arabic|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_FORMATS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "arabic": "decimal",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_SIGNS = {"Period": ("", "."), "ParenR": ("", ")"), "ParenBoth": ("(", ")"), "Plain": ("", "")}


def add_text_body(body: _Element, text: CanonicalText, *, is_outline: bool) -> None:
    """Add the paragraphs of ``body``; in an outline, several of them are a list.

    Elsewhere only those are items that have a bullet or number of their own.
    """
    paragraphs = [
        element
        for element in body
        if prefixed(element) == "a:p" and paragraph_text(element).strip()
    ]
    is_list = is_outline and len(paragraphs) > 1
    counts: dict[int, int] = {}
    for paragraph in paragraphs:
        marker = _marker(paragraph, counts, usual="-" if is_list else "")
        words = paragraph_text(paragraph)
        if marker:
            level = integer(child(paragraph, "a:pPr"), "lvl", 0) + 1
            text.list_item(words, marker, level)
        else:
            text.lines(words)


def _marker(paragraph: _Element, counts: dict[int, int], usual: str) -> str:
    """Return the bullet or number of ``paragraph``, counting it among those of its level."""
    properties = child(paragraph, "a:pPr")
    level = integer(properties, "lvl", 0)
    for lower in [other for other in counts if other > level]:
        del counts[lower]
    automatic = child(properties, "a:buAutoNum")
    if automatic is None:
        counts.pop(level, None)
        if child(properties, "a:buNone") is not None:
            return ""
        is_bullet = child(properties, "a:buChar") is not None
        return "-" if is_bullet or child(properties, "a:buBlip") is not None else usual
    counts[level] = counts.get(level, integer(automatic, "startAt", 1) - 1) + 1
    scheme = _SCHEME.fullmatch(attribute(automatic, "type"))
    if not scheme:
        return f"{counts[level]}."
    before, after = _SIGNS[scheme[2]]
    return f"{before}{formatted(counts[level], _FORMATS[scheme[1]])}{after}"
