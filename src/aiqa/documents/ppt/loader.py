"""Old PowerPoint files to canonical text."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aiqa.documents.compound_file import BROKEN, open_compound
from aiqa.documents.ppt.records import Kind, PptRecord, Presentation
from aiqa.documents.ppt.shapes import Shape, Table, shapes
from aiqa.documents.text_builder import CanonicalText, Content

_SLIDES, _NOTES = 0, 2
_AUTHOR, _WORDS = 0, 1


@dataclass(slots=True)
class _Place:
    """A slide in the list of slides: the number of its record, its id, and its outline."""

    number: int
    identity: int
    outline: list[PptRecord] = field(default_factory=list)


def load(data: bytes) -> Content:
    """Each slide is a page; its title is a heading, and what the speaker notes comes last.

    Raises:
        DocumentError: the file is encrypted or damaged.
    """
    text = CanonicalText()
    with open_compound(data, "PowerPoint") as folder:
        presentation = Presentation(folder)
        notes = {place.identity: place for place in _places(presentation, _NOTES)}
        for page, place in enumerate(_places(presentation, _SLIDES), 1):
            text.page(page)
            try:
                _slide(presentation, place, notes, text)
            except BROKEN as error:
                text.omit(f"Slide {page} could not be read: {error or type(error).__name__}.")
        return text.content(title=folder.title)


def _slide(
    presentation: Presentation, place: _Place, notes: dict[int, _Place], text: CanonicalText
) -> None:
    slide = presentation.record(place.number)
    if slide is None:
        raise ValueError("it is not in the file")
    _written(shapes(slide, place.outline), text)
    for comment in slide.every(Kind.COMMENT):
        _comment(comment, text)
    notes_place = notes.get(_notes_identity(slide))
    noted = presentation.record(notes_place.number) if notes_place else None
    if noted and notes_place:
        found = shapes(noted, notes_place.outline)
        words = [" ".join(shape.paragraphs) for shape in found if isinstance(shape, Shape)]
        text.block("note", " ".join(words), "speaker notes")


def _written(found: Sequence[Shape | Table], text: CanonicalText) -> None:
    """Add the title, then all else, tables in place."""
    titles = [shape for shape in found if isinstance(shape, Shape) and shape.is_title]
    for heading in titles:
        text.heading(1, " ".join(heading.paragraphs))
    for shape in (shape for shape in found if shape not in titles):
        if isinstance(shape, Table):
            text.table(shape.rows)
            continue
        for paragraph in shape.paragraphs:
            if len(shape.paragraphs) > 1:
                text.list_item(paragraph)
            else:
                text.paragraph(paragraph)


def _comment(comment: PptRecord, text: CanonicalText) -> None:
    said = {
        record.instance: record.data.decode("utf-16-le", "replace")
        for record in comment.inside()
        if record.kind == Kind.STRING
    }
    author = said.get(_AUTHOR, "")
    label = f"comment by {author}" if author else "comment"
    text.block("comment", said.get(_WORDS, ""), label)


def _notes_identity(slide: PptRecord) -> int:
    atom = slide.first(Kind.SLIDE_ATOM)
    return int.from_bytes(atom.data[16:20], "little") if atom else 0


def _places(presentation: Presentation, which: int) -> Iterator[_Place]:
    for record in presentation.document.inside():
        if record.kind != Kind.SLIDE_LIST or record.instance != which:
            continue
        place: _Place | None = None
        for inside in record.inside():
            if inside.kind == Kind.SLIDE_PLACE:
                if place:
                    yield place
                number, _, _, identity = struct.unpack_from("<IIII", inside.data)
                place = _Place(number, identity)
            elif place:
                place.outline.append(inside)
        if place:
            yield place
