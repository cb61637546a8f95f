"""The elements of a story, whatever they are wrapped in: content controls, tags, insertions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import branch, child, is_on, prefixed

if TYPE_CHECKING:
    from lxml.etree import _Element

_WRAPPERS = frozenset((
    "w:sdt", "w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo",
))  # fmt: skip


def block_contents(element: _Element) -> Iterator[_Element]:
    """Yield the paragraphs and tables in ``element``, or rows or cells, out of their wrappers."""
    for inner in element:
        name = prefixed(inner)
        if name == "mc:AlternateContent":
            chosen = branch(inner)
            if chosen is not None:
                yield from block_contents(chosen)
        elif name in _WRAPPERS:
            if not is_prompt(inner):
                yield from block_contents(inner)
        else:
            yield inner


def is_prompt(element: _Element) -> bool:
    """Whether a content control is empty and shows only what to fill in ("Click here…")."""
    return is_on(child(element, "w:sdtPr", "w:showingPlcHdr"))


def properties_of(element: _Element, name: str) -> dict[str, _Element]:
    """Return what is said of ``element`` in its child ``name`` ("w:rPr"), by its own names."""
    properties = child(element, name)
    return {} if properties is None else {prefixed(inner): inner for inner in properties}
