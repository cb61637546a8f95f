"""Footnotes, endnotes and comments of a Word file, by where the text refers to them."""

from __future__ import annotations

from dataclasses import dataclass

from aiqa.documents.doc.file import TextPart, WordFile
from aiqa.documents.text_builder import one_line
from aiqa.types import BlockKind

_COMMENT_BYTES = 30
_INITIALS_BYTES = 20


@dataclass(frozen=True, slots=True)
class Note:
    """A note or comment; ``mark`` is what stands for it in the text."""

    kind: BlockKind
    label: str
    mark: str
    start: int
    end: int


def notes(file: WordFile) -> dict[int, Note]:
    """Return each note with the positions of its text, by the position that refers to it."""
    lengths = file.lengths
    before_comments = lengths.main + lengths.footnotes + lengths.headers + lengths.macros
    found: dict[int, Note] = {}
    for name, references, texts, first in (
        ("footnote", TextPart.FOOTNOTE_REFERENCES, TextPart.FOOTNOTES, lengths.main),
        (
            "endnote",
            TextPart.ENDNOTE_REFERENCES,
            TextPart.ENDNOTES,
            before_comments + lengths.comments,
        ),
    ):
        places = file.positions(references, 2)[:-1]
        edges = file.positions(texts)
        for number, (place, start, end) in enumerate(
            zip(places, edges, edges[1:], strict=False), 1
        ):
            found[place] = Note(
                "note", f"{name} {number}", f"[{number}]", first + start, first + end
            )
    places = file.positions(TextPart.COMMENT_REFERENCES, _COMMENT_BYTES)[:-1]
    edges = file.positions(TextPart.COMMENTS)
    authors = _authors(file)
    for number, (place, start, end) in enumerate(zip(places, edges, edges[1:], strict=False)):
        author = authors[number] if number < len(authors) else ""
        label = f"comment by {author}" if author else "comment"
        found[place] = Note("comment", label, "", before_comments + start, before_comments + end)
    return found


def _authors(file: WordFile) -> list[str]:
    """Return who wrote each comment."""
    names = _strings(file.part(TextPart.COMMENT_AUTHORS))
    data = file.part(TextPart.COMMENT_REFERENCES)
    count = max(len(file.positions(TextPart.COMMENT_REFERENCES, _COMMENT_BYTES)) - 1, 0)
    authors = []
    for number in range(count):
        start = 4 * (count + 1) + _COMMENT_BYTES * number + _INITIALS_BYTES
        index = int.from_bytes(data[start : start + 2], "little")
        authors.append(names[index] if index < len(names) else "")
    return authors


def _strings(data: bytes) -> list[str]:
    strings: list[str] = []
    position = 0
    while position + 2 <= len(data):
        length = int.from_bytes(data[position : position + 2], "little")
        shown = data[position + 2 : position + 2 + 2 * length].decode("utf-16-le", "replace")
        strings.append(one_line(shown))
        position += 2 + 2 * length
    return strings
