"""Styles: what a paragraph or a run is according to its own properties and to its style."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import NAMESPACES, ON, attribute, child, integer, is_on

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)
_LIST = re.compile(r"list ?(?:bullet|number)(?: ?([1-9]))?", re.IGNORECASE)
_BODY = 9
"""The outline level of text that is no heading."""

_MOST_LEVEL = 6
_DEEPEST = 30
"""Styles based on one another; more are a circle."""


class Styles:
    """The styles of a document; ``root`` is its part of styles, if it has one."""

    def __init__(self, root: _Element | None) -> None:
        self._styles: dict[str, _Element] = {}
        self._default = ""
        for style in root.iterfind("w:style", NAMESPACES) if root is not None else ():
            identifier = attribute(style, "w:styleId")
            self._styles.setdefault(identifier, style)
            is_default = attribute(style, "w:default", "0") in ON
            if is_default and attribute(style, "w:type") == "paragraph":
                self._default = self._default or identifier
        self._paragraph: _Element | None = None
        """The paragraph that was asked for last, as it will be more than once, and its style."""
        self._style = ""
        self._known: dict[tuple[str, ...], _Element | None] = {}

    def heading_level(self, paragraph: _Element) -> int | None:
        """Return the level of a heading from 1 to 6, None for other paragraphs.

        What counts is the outline level, which is the same in all languages; styles without one
        are known by their names.
        """
        own = child(paragraph, "w:pPr", "w:outlineLvl")
        style = self.of_paragraph(paragraph)
        inherited = self._property(style, "w:pPr", "w:outlineLvl")
        level = own if own is not None else inherited
        if level is not None:
            outline = integer(level, "w:val", _BODY)
            return min(outline + 1, _MOST_LEVEL) if 0 <= outline < _BODY else None
        for name in self._names(style):
            if heading := _HEADING.fullmatch(name):
                return min(int(heading[1]), _MOST_LEVEL)
            if name.casefold() == "title":
                return 1
        return None

    def list_level(self, paragraph: _Element) -> int:
        """Return the depth of a list that the style is named after; 0 if it is none of a list.

        "List Bullet 2" is a list of one level of its own, and shown as the second one.
        """
        names = self._names(self.of_paragraph(paragraph))
        found = next(filter(None, map(_LIST.fullmatch, names)), None)
        return int(found[1] or 1) if found else 0

    def is_caption(self, paragraph: _Element) -> bool:
        """Whether the paragraph stands beside a picture or table to explain it."""
        names = self._names(self.of_paragraph(paragraph))
        return any(name.casefold() == "caption" for name in names)

    def of_paragraph(self, paragraph: _Element) -> str:
        """Return the identifier of a paragraph's style."""
        if paragraph is not self._paragraph:
            own = attribute(child(paragraph, "w:pPr", "w:pStyle"), "w:val")
            self._paragraph, self._style = paragraph, own or self._default
        return self._style

    def numbering(self, style: str) -> tuple[str, _Element | None]:
        """Return the style that numbers the paragraphs of ``style``, and how it does."""
        for identifier, element in self._chain(style):
            properties = child(element, "w:pPr", "w:numPr")
            if properties is not None:
                return identifier, properties
        return style, None

    def run_property(self, properties: dict[str, _Element], style: str, name: str) -> bool:
        """Whether "w:b", say, holds for a run with these ``properties`` in a ``style`` of text."""
        own = properties.get(name)
        if own is None and "w:rStyle" in properties:
            own = self._property(attribute(properties["w:rStyle"], "w:val"), "w:rPr", name)
        return is_on(self._property(style, "w:rPr", name) if own is None else own)

    def _property(self, style: str, *path: str) -> _Element | None:
        """Return a property of ``style`` or of the nearest style that it is based on."""
        key = (style, *path)
        if key not in self._known:
            properties = (child(element, *path) for _, element in self._chain(style))
            self._known[key] = next((own for own in properties if own is not None), None)
        return self._known[key]

    def _names(self, style: str) -> Iterator[str]:
        """Yield the untranslated names of ``style`` and of those that it is based on."""
        if style not in self._styles:
            yield style
        for _, element in self._chain(style):
            yield attribute(child(element, "w:name"), "w:val")

    def _chain(self, style: str) -> Iterator[tuple[str, _Element]]:
        for _ in range(_DEEPEST):
            element = self._styles.get(style)
            if element is None:
                return
            yield style, element
            style = attribute(child(element, "w:basedOn"), "w:val")
