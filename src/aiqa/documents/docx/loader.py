"""Word documents as canonical text, read from the parts of their package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiqa.documents.docx.notes import NoteKind, Notes
from aiqa.documents.docx.numbering import Numbering
from aiqa.documents.docx.sections import Sections
from aiqa.documents.docx.story import Story, WordReader
from aiqa.documents.docx.styles import Styles
from aiqa.documents.ooxml import opening
from aiqa.documents.ooxml.errors import note_damage, noting
from aiqa.documents.ooxml.names import child, prefixed, qualified
from aiqa.documents.ooxml.package import Package, Part
from aiqa.documents.text_builder import CanonicalText, Content

if TYPE_CHECKING:
    from lxml.etree import _Element

_NOTES: dict[NoteKind, str] = {
    "footnote": "footnotes",
    "endnote": "endnotes",
    "comment": "comments",
}
"""The notes, and how the parts that hold them are related to the document."""


def load(data: bytes) -> Content:
    """Return the document as it is shown when all changes are accepted.

    Notes and comments follow the paragraph or table that refers to them. Parts that are damaged
    are left out and told of among the omissions.

    Raises:
        DocumentError: the file is encrypted, truncated or not a Word document.
    """
    text = CanonicalText()
    with opening(data, "Word"):
        package = Package(data)
        main = package.main("word/document.xml")
        body = child(main.root, "w:body")
        if prefixed(main.root) != "w:document" or body is None:
            raise ValueError("it holds no Word document")
        _Reader(main, text).read(body)
        title = None
        with noting(text, "The title"):
            title = package.title()
        note_damage(package, text)
        return text.content(title=title)


class _Reader:
    """Reads the body of a document and what stands around it."""

    def __init__(self, main: Part, text: CanonicalText) -> None:
        self._main = main
        self._text = text
        styles = Styles(self._root("styles", "The part of styles"))
        settings = self._root("settings", "The part of settings")
        self._word = WordReader(
            text,
            styles,
            Numbering(self._root("numbering", "The part of numbers"), styles),
            self._notes(settings),
        )
        self._around: set[tuple[str, str]] = set()
        self._sections = Sections(main, settings, self._header_or_footer)

    def read(self, body: _Element) -> None:
        """Add everything in the order in which it is read."""
        self._sections.begin()
        Story(self._main, self._word, self._sections.end).add(body)
        self._sections.end()
        if next(body.iter(qualified("w:subDoc")), None) is not None:
            self._text.omit("The documents that this one is made of were not read.")
        for notes in self._word.notes.values():
            for label, note in notes.unreferred():
                with noting(self._text, "A note"):
                    words = " ".join(Story(notes.part, self._word).lines(note))
                    self._text.block(notes.block, words, label)

    def _root(self, kind: str, what: str) -> _Element | None:
        with noting(self._text, what):
            for part in self._main.of_kind(kind):
                return part.root
        return None

    def _notes(self, settings: _Element | None) -> dict[str, Notes]:
        notes = {}
        for kind, relation in _NOTES.items():
            with noting(self._text, f"The part of {relation}"):
                for part in self._main.of_kind(relation)[:1]:
                    notes[f"w:{kind}Reference"] = Notes(kind, part, self._main.root, settings)
        return notes

    def _header_or_footer(self, name: str, reference: _Element) -> None:
        """Add the lines of a header or footer that were not in one before."""
        is_header = name == "w:headerReference"
        with noting(self._text, "A page header" if is_header else "A page footer"):
            part = self._main.referred(reference)
            lines = list(filter(None, Story(part, self._word).lines(part.root)))
            if (name, "\n".join(lines)) not in self._around:
                self._around.add((name, "\n".join(lines)))
                for line in lines:
                    self._text.block("page header" if is_header else "page footer", line)
