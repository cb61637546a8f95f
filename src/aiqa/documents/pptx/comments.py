"""Comments on slides, of the kinds from before and after 2021."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.drawing_text import body_text
from aiqa.documents.ooxml.names import attribute, child, prefixed
from aiqa.documents.ooxml.package import Part

if TYPE_CHECKING:
    from lxml.etree import _Element


def authors(presentation: Part) -> dict[str, str]:
    """Return the names of those who commented, by their identifiers."""
    parts = [*presentation.of_kind("commentAuthors"), *presentation.of_kind("authors")]
    return {
        attribute(author, "id"): attribute(author, "name").strip()
        for part in parts
        for author in part.root
    }


def comments(slide: Part, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the label and the words of each comment on ``slide`` and of each reply."""
    for part in slide.of_kind("comments"):
        for comment in part.root.iter():
            if prefixed(comment) in ("p:cm", "p188:cm", "p188:reply"):
                name = names.get(attribute(comment, "authorId"))
                yield f"comment by {name}" if name else "comment", _words(comment)


def _words(comment: _Element) -> str:
    text = child(comment, "p:text")
    if text is not None:
        return text.text or ""
    return body_text(child(comment, "p188:txBody"))
