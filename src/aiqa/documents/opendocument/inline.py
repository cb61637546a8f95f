"""The words of an OpenDocument paragraph, and what is anchored in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiqa.documents.opendocument.package import name, number, odf_attribute

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHAPES = frozenset((
    "draw:frame", "draw:custom-shape", "draw:rect", "draw:ellipse", "draw:circle", "draw:g",
    "draw:line", "draw:connector", "draw:path", "draw:polygon", "draw:polyline", "draw:caption",
    "draw:regular-polygon", "draw:measure",
))  # fmt: skip
_WITHOUT_TEXT = frozenset((
    "text:tracked-changes", "text:ruby-text", "text:note-citation", "office:annotation-end",
    "text:variable-decls", "text:sequence-decls", "text:user-field-decls", "office:event-listeners",
))  # fmt: skip
_MOST_BLANKS = 1000


@dataclass(slots=True)
class Words:
    """The text of a paragraph, and the notes, comments and shapes in it, in their order."""

    text: str = ""
    anchored: list[_Element] = field(default_factory=list)


def is_shape(element: _Element) -> bool:
    """Whether this is a drawing, a picture, an object or a box with text."""
    return name(element) in _SHAPES


def inline_words(paragraph: _Element) -> Words:
    """Return the words of ``paragraph``; what was deleted while changes were tracked is not in."""
    found = Words()
    parts: list[str] = []
    _collect(paragraph, parts, found)
    found.text = "".join(parts)
    return found


def _collect(element: _Element, parts: list[str], found: Words) -> None:
    parts.append(element.text or "")
    for child in element:
        kind = name(child)
        if kind == "text:s":
            parts.append(" " * min(number(child, "text:c"), _MOST_BLANKS))
        elif kind in ("text:tab", "text:line-break"):
            parts.append(" ")
        elif kind == "text:note":
            found.anchored.append(child)
            parts.append(f"[{note_number(child)}]")
        elif odf_attribute(child, "text:is-hidden") == "true":
            pass
        elif kind == "office:annotation" or kind in _SHAPES:
            found.anchored.append(child)
        elif kind and kind not in _WITHOUT_TEXT:
            _collect(child, parts, found)
        parts.append(child.tail or "")


def note_number(note: _Element) -> str:
    """Return the number or sign that refers to a footnote or endnote."""
    citation = next((child for child in note if name(child) == "text:note-citation"), None)
    return "" if citation is None else "".join(citation.itertext()).strip()


def style_of(paragraph: _Element) -> str:
    """Return the name of the style of a paragraph or heading."""
    return odf_attribute(paragraph, "text:style-name")
