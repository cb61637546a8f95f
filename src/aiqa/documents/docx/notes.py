"""Footnotes, endnotes and comments of a Word document, by the references to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from aiqa.documents.ooxml.names import NAMESPACES, ON, attribute, child, integer, qualified
from aiqa.documents.ooxml.number_formats import formatted
from aiqa.documents.ooxml.package import Part
from aiqa.types import BlockKind

if TYPE_CHECKING:
    from lxml.etree import _Element

NoteKind = Literal["footnote", "endnote", "comment"]


class Notes:
    """The notes of one kind, from the part that holds them."""

    def __init__(
        self, kind: NoteKind, part: Part, main: _Element, settings: _Element | None
    ) -> None:
        self.part = part
        self.block: BlockKind = "comment" if kind == "comment" else "note"
        self._kind = kind
        self._notes = {
            attribute(note, "w:id"): note
            for note in part.root.iterfind(f"w:{kind}", NAMESPACES)
            # The lines between text and notes are stored as notes, too.
            if attribute(note, "w:type", "normal") == "normal"
        }
        self._referred = {
            attribute(reference, "w:id") for reference in main.iter(qualified(f"w:{kind}Reference"))
        }
        self._shown: set[str] = set()
        properties = main.find(f".//w:sectPr/w:{kind}Pr", NAMESPACES)
        if properties is None:
            properties = child(settings, f"w:{kind}Pr")
        usual = "lowerRoman" if kind == "endnote" else "decimal"
        self._format = attribute(child(properties, "w:numFmt"), "w:val", usual)
        self._count = integer(child(properties, "w:numStart"), "w:val", 1) - 1

    def referred(self, reference: _Element) -> tuple[str, _Element] | None:
        """Return the label and the note that ``reference`` means; None if it was shown already."""
        identifier = attribute(reference, "w:id")
        if identifier in self._shown or identifier not in self._notes:
            return None
        self._shown.add(identifier)
        note = self._notes[identifier]
        if self._kind == "comment":
            return self._comment_label(note), note
        if attribute(reference, "w:customMarkFollows", "0") in ON:
            mark = "".join(reference.getparent().itertext(qualified("w:t"))).strip()
            return f"{self._kind} {mark}".strip(), note
        self._count += 1
        return f"{self._kind} {formatted(self._count, self._format)}", note

    def unreferred(self) -> Iterator[tuple[str, _Element]]:
        """Yield the notes that nothing in the document refers to, with their labels."""
        for identifier, note in self._notes.items():
            if identifier not in self._referred | self._shown:
                yield self._comment_label(note) if self._kind == "comment" else self._kind, note

    @staticmethod
    def _comment_label(note: _Element) -> str:
        author = attribute(note, "w:author").strip()
        return f"comment by {author}" if author else "comment"
