"""Footnotes in HTML: references to them, the notes themselves, and links back from a note."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.html_elements import element_words, names

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFERENCES = frozenset((
    "noteref", "doc-noteref", "footnote-ref", "footnote-reference", "footnoteref", "fnref",
    "reference", "footref", "citation-reference",
))  # fmt: skip
_NOTES = frozenset((
    "footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote", "footnote-item",
))  # fmt: skip
_LISTS = frozenset((
    "footnotes", "endnotes", "rearnotes", "doc-endnotes", "footnotes-list", "references",
    "footnote-list",
))  # fmt: skip
_BACKLINKS = frozenset((
    "footnote-backref", "footnote-back", "doc-backlink", "backlink", "mw-cite-backlink",
    "fn-backref",
))  # fmt: skip
_ARROWS = re.compile(r"[↩↑⏎⤴^\ufe0e\ufe0f\s]+")
_MARK = re.compile(r"\[?\(?(\w{1,4}|[*†‡§¶]{1,3})\)?\]?[.:]?(?=\s|$)")
_NUMBERS = re.compile(r"[\[(]?((?:\d{1,4}|[a-z]|[*†‡§¶]+)(?:\s*[,–-]\s*\d{1,4})*)[\])]?")


def reference(element: _Element) -> str:
    """Return the number or sign of the note that ``element`` refers to; "" if it is no reference.

    It is one if it is named so, or a raised link to a place in the same file.
    """
    if element.tag not in ("a", "sup", "span"):
        return ""
    if not (_REFERENCES & names(element) or _is_raised_link(element)):
        return ""
    found = _NUMBERS.fullmatch(element_words(element))
    return found[1] if found else ""


def _is_raised_link(element: _Element) -> bool:
    inner = next(iter(element), None)
    if inner is None or element_words(inner) != element_words(element):
        return False
    tags = (element.tag, inner.tag)
    link = element if element.tag == "a" else inner
    return tags in (("a", "sup"), ("sup", "a")) and "#" in link.get("href", "")


def is_backlink(element: _Element) -> bool:
    """Whether ``element`` leads from a note back to where it is referred to."""
    if _BACKLINKS & names(element):
        return True
    return element.tag == "a" and bool(_ARROWS.fullmatch(element_words(element)))


def is_note(element: _Element) -> bool:
    """Whether ``element`` is one footnote or endnote."""
    if element.tag not in ("aside", "li", "div", "p", "section"):
        return False
    if _NOTES & names(element):
        return True
    parent = element.getparent()
    if element.tag != "li" or parent is None:
        return False
    above = parent.getparent()
    return bool(_LISTS & names(parent)) or (above is not None and bool(_LISTS & names(above)))


def numbers(root: _Element) -> dict[str, str]:
    """Return the number of each note in ``root`` that is referred to, by the note's id."""
    found: dict[str, str] = {}
    for link in root.iter("a"):
        place = link.get("href", "").partition("#")[2]
        parent = link.getparent()
        number = reference(link) or (reference(parent) if parent is not None else "")
        if place and number:
            found.setdefault(place, number)
    return found


def html_note_number(words: str) -> str:
    """Return the number or sign that the text of a note begins with; "" if there is none."""
    found = _MARK.match(words)
    mark = found[1] if found else ""
    return mark if mark.isdigit() or (mark and not mark[0].isalnum()) else ""
