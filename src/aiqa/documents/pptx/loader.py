"""PowerPoint presentations as canonical text, read from the parts of their package."""

from __future__ import annotations

from aiqa.documents.ooxml import opening
from aiqa.documents.ooxml.drawing_text import body_paragraphs
from aiqa.documents.ooxml.errors import note_damage, noting
from aiqa.documents.ooxml.names import NAMESPACES, child, prefixed
from aiqa.documents.ooxml.package import Package, Part
from aiqa.documents.pptx.comments import authors, comments
from aiqa.documents.pptx.placeholders import kind
from aiqa.documents.pptx.shapes import Shapes, shapes_in
from aiqa.documents.text_builder import CanonicalText, Content


def load(data: bytes) -> Content:
    """Return the slides as pages, hidden ones too: title, shapes, comments and speaker notes.

    Slides that are damaged are left out and told of among the omissions.

    Raises:
        DocumentError: the file is encrypted, truncated or not a presentation.
    """
    text = CanonicalText()
    with opening(data, "PowerPoint"):
        package = Package(data)
        main = package.main("ppt/presentation.xml")
        if prefixed(main.root) != "p:presentation":
            raise ValueError("it holds no presentation")
        _add_slides(main, text)
        title = None
        with noting(text, "The title"):
            title = package.title()
        note_damage(package, text)
        return text.content(title=title)


def _add_slides(main: Part, text: CanonicalText) -> None:
    names: dict[str, str] = {}
    with noting(text, "The list of those who commented"):
        names = authors(main)
    shapes = Shapes(text)
    for number, entry in enumerate(main.root.iterfind("p:sldIdLst/p:sldId", NAMESPACES), 1):
        text.page(number)
        with noting(text, f"Slide {number}"):
            _add_slide(main.referred(entry), number, shapes, text, names)


def _add_slide(
    slide: Part, number: int, shapes: Shapes, text: CanonicalText, names: dict[str, str]
) -> None:
    tree = child(slide.root, "p:cSld", "p:spTree")
    if tree is not None:
        shapes.add_slide(slide, tree)
    with noting(text, f"A comment on slide {number}"):
        for label, words in comments(slide, names):
            text.block("comment", words, label)
    with noting(text, f"The speaker notes of slide {number}"):
        for words in _notes(slide):
            text.block("note", words, "speaker notes")


def _notes(slide: Part) -> list[str]:
    """Return the paragraphs of the speaker notes, without the slide's number and footers."""
    return [
        words
        for part in slide.of_kind("notesSlide")
        for shape in shapes_in(part.root.find("p:cSld/p:spTree", NAMESPACES))
        if kind(shape) in ("body", "")
        for words in body_paragraphs(child(shape, "p:txBody"))
    ]
