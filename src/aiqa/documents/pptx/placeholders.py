"""Placeholders: what a shape is on its slide, and where its layout puts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import NAMESPACES, attribute, child, integer, prefixed
from aiqa.documents.ooxml.package import Part

if TYPE_CHECKING:
    from lxml.etree import _Element

TITLES = frozenset(("title", "ctrTitle"))
OUTLINES = frozenset(("body", "obj"))
FOOTERS = frozenset(("ftr", "dt", "hdr"))
_SAME = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
"""Kinds whose place a master gives under another name."""


def properties(shape: _Element) -> _Element | None:
    """Return the name, alternative text and the like of ``shape`` (``p:cNvPr``)."""
    return shape.find("*/p:cNvPr", NAMESPACES)


def kind(shape: _Element) -> str:
    """Return the kind of placeholder that ``shape`` is ("title"); empty if it is none."""
    placeholder = _placeholder(shape)
    return "" if placeholder is None else attribute(placeholder, "type", "obj")


def _placeholder(shape: _Element) -> _Element | None:
    return shape.find("*/p:nvPr/p:ph", NAMESPACES)


class Places:
    """Where shapes stand on slides of one layout, to which, or to its master, some leave it."""

    def __init__(self, layouts: list[Part]) -> None:
        self._by_index: dict[str, tuple[int, int]] = {}
        self._by_kind: dict[str, tuple[int, int]] = {}
        masters = layouts[0].of_kind("slideMaster") if layouts else []
        for part in [*layouts, *masters]:
            # Without its layout a slide is still read, in the order of its shapes.
            with suppress(KeyError, ValueError, OSError, SyntaxError):
                self._note(part.root, is_layout=part in layouts)

    def _note(self, root: _Element, *, is_layout: bool) -> None:
        for shape in root.iter():
            placeholder = _placeholder(shape) if prefixed(shape) in ("p:sp", "p:pic") else None
            place = _place(shape) if placeholder is not None else None
            if place:
                if is_layout:
                    self._by_index.setdefault(attribute(placeholder, "idx", "0"), place)
                name = kind(shape)
                self._by_kind.setdefault(_SAME.get(name, name), place)

    def of(self, shape: _Element) -> tuple[int, int]:
        """Return how far ``shape`` stands from the top and from the left."""
        place = _place(shape)
        placeholder = _placeholder(shape)
        if place or placeholder is None:
            return place or (0, 0)
        name = kind(shape)
        usual = self._by_kind.get(_SAME.get(name, name), (0, 0))
        return self._by_index.get(attribute(placeholder, "idx", "0"), usual)


def _place(shape: _Element) -> tuple[int, int] | None:
    for transform in _transforms(shape):
        offset = child(transform, "a:off")
        if offset is not None:
            return integer(offset, "y", 0), integer(offset, "x", 0)
    return None


def _transforms(shape: _Element) -> Iterator[_Element]:
    for inner in shape:
        if prefixed(inner) in ("p:spPr", "p:grpSpPr"):
            yield from inner.iterfind("a:xfrm", NAMESPACES)
        elif prefixed(inner) == "p:xfrm":
            yield inner
