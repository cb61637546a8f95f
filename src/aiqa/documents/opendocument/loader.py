"""OpenDocument texts and presentations to canonical text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from aiqa.documents.opendocument.body import Body, paragraphs
from aiqa.documents.opendocument.inline import inline_words, is_shape
from aiqa.documents.opendocument.package import OdfPackage, name, odf_attribute
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(cm|mm|in|pt|pc|px)")
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}


def load(data: bytes) -> Content:
    """The text in reading order, then page headers and footers; each slide is a page.

    Numbers of headings and lists are those that are shown. What was deleted while changes were
    tracked is left out, as is the table of contents, which repeats the headings.

    Raises:
        DocumentError: the file is encrypted, truncated or neither a text nor a presentation.
    """
    package = OdfPackage(data)
    text = CanonicalText()
    body = Body(package, text)
    for element in package.content.iter():
        if name(element) == "office:text":
            body.add(element)
            _headers_and_footers(package, body)
            break
        if name(element) == "office:presentation":
            _slides(element, body, text)
            break
    else:
        raise DocumentError("This OpenDocument file is neither a text nor a presentation.")
    content = text.content(title=package.about("dc:title"))
    return replace(content, language=package.about("dc:language"))


def _headers_and_footers(package: OdfPackage, body: Body) -> None:
    """Add what stands at the top and bottom of pages, each text once."""
    seen: set[tuple[str, str]] = set()
    for element in package.styles.iter() if package.styles is not None else ():
        prefix, _, kind = name(element).partition(":")
        side = kind.split("-")[0]
        if prefix != "style" or kind not in (
            "header", "header-left", "header-first", "footer", "footer-left", "footer-first",
        ):  # fmt: skip
            continue
        shown = " ".join(inline_words(paragraph).text for paragraph in paragraphs(element))
        if (side, shown) not in seen:
            seen.add((side, shown))
            body.add_as(side, element)


def _slides(presentation: _Element, body: Body, text: CanonicalText) -> None:
    slides = (element for element in presentation if name(element) == "draw:page")
    for slide_number, slide in enumerate(slides, 1):
        text.page(slide_number)
        shapes = [element for element in slide if is_shape(element)]
        titles = [
            shape for shape in shapes if odf_attribute(shape, "presentation:class") == "title"
        ]
        for shape in titles:
            for paragraph in paragraphs(shape):
                text.heading(1, inline_words(paragraph).text)
        for shape in sorted((shape for shape in shapes if shape not in titles), key=_position):
            body.shape(shape) if name(shape) != "draw:frame" else body.add([shape])
        body.add(element for element in slide if name(element) == "office:annotation")
        for notes in (element for element in slide if name(element) == "presentation:notes"):
            body.note(_note_frames(notes), "speaker notes")


def _note_frames(notes: _Element) -> Iterator[_Element]:
    return (frame for frame in notes if odf_attribute(frame, "presentation:class") in ("notes", ""))


def _position(shape: _Element) -> tuple[float, float]:
    """Return where a shape is read: from the top, then from the left."""
    return _points(odf_attribute(shape, "svg:y")), _points(odf_attribute(shape, "svg:x"))


def _points(length: str) -> float:
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _POINTS[found[2]] if found else 0.0
