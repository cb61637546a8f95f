"""The shapes of a slide in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.drawing_text import body_text
from aiqa.documents.ooxml.errors import noting
from aiqa.documents.ooxml.graphics import add_graphic, alt_text
from aiqa.documents.ooxml.names import branch, child, prefixed
from aiqa.documents.ooxml.package import Part
from aiqa.documents.pptx.placeholders import FOOTERS, OUTLINES, TITLES, Places, kind, properties
from aiqa.documents.pptx.tables import add_table
from aiqa.documents.pptx.text_frames import add_text_body
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHAPES = frozenset(("p:sp", "p:pic", "p:grpSp", "p:graphicFrame", "p:cxnSp", "p:contentPart"))


class Shapes:
    """Adds the shapes of slides to a text; a footer is added where it first stands."""

    def __init__(self, text: CanonicalText) -> None:
        self._text = text
        self._footers: set[str] = set()
        self._layouts: dict[str, Places] = {}

    def add_slide(self, slide: Part, tree: _Element) -> None:
        """Add the shapes in ``tree``: the title first, the rest from the top and from the left."""
        layouts = slide.of_kind("slideLayout")
        layout = layouts[0].name if layouts else ""
        if layout not in self._layouts:
            self._layouts[layout] = Places(layouts)
        places = self._layouts[layout]
        shapes = list(shapes_in(tree))
        title = next((shape for shape in shapes if _is_title(shape)), None)
        if title is not None:
            self._text.heading(1, body_text(child(title, "p:txBody")))
        self._add((shape for shape in shapes if shape is not title), slide, places)

    def _add(self, shapes: Iterable[_Element], slide: Part, places: Places) -> None:
        for shape in sorted(shapes, key=places.of):
            with noting(self._text, "A shape"):
                self._shape(shape, slide, places)

    def _shape(self, shape: _Element, slide: Part, places: Places) -> None:
        placeholder = kind(shape)
        if placeholder == "sldNum":
            return
        self._text.block("caption", alt_text(properties(shape)))
        body = child(shape, "p:txBody")
        if placeholder in FOOTERS:
            self._footer(body_text(body))
        elif prefixed(shape) == "p:grpSp":
            self._add(shapes_in(shape), slide, places)
        elif prefixed(shape) == "p:graphicFrame":
            self._graphic(shape, slide)
        elif body is not None:
            add_text_body(body, self._text, is_outline=placeholder in OUTLINES)

    def _footer(self, words: str) -> None:
        if one_line(words) not in self._footers:
            self._footers.add(one_line(words))
            self._text.block("page footer", words)

    def _graphic(self, element: _Element, slide: Part) -> None:
        """Add the table, chart, diagram or object in ``element``."""
        for inner in element:
            if prefixed(inner) == "a:tbl":
                add_table(inner, self._text)
            elif prefixed(inner) == "mc:AlternateContent":
                chosen = branch(inner)
                if chosen is not None:
                    self._graphic(chosen, slide)
            elif not add_graphic(inner, slide, self._text):
                self._graphic(inner, slide)


def shapes_in(tree: _Element) -> Iterator[_Element]:
    """Yield the shapes of a slide or group, of alternatives the one to read."""
    for element in tree:
        if prefixed(element) in _SHAPES:
            yield element
        elif prefixed(element) == "mc:AlternateContent":
            chosen = branch(element)
            if chosen is not None:
                yield from shapes_in(chosen)


def _is_title(shape: _Element) -> bool:
    return kind(shape) in TITLES and bool(body_text(child(shape, "p:txBody")).strip())
