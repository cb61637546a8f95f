"""A story of Word, such as the body or a footnote: its paragraphs and tables in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiqa.documents.docx.chunks import add_chunk
from aiqa.documents.docx.inline import Inline, InlineReader
from aiqa.documents.docx.notes import Notes
from aiqa.documents.docx.numbering import Number, Numbering
from aiqa.documents.docx.structure import block_contents, properties_of
from aiqa.documents.docx.styles import Styles
from aiqa.documents.docx.tables import docx_table_rows, read_table, row_cells
from aiqa.documents.ooxml.drawing_text import paragraph_text
from aiqa.documents.ooxml.errors import noting
from aiqa.documents.ooxml.graphics import add_graphic, alt_text
from aiqa.documents.ooxml.names import attribute, branch, child, is_on, prefixed
from aiqa.documents.ooxml.package import Part
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_HEADING = 200
"""Characters of a heading; longer ones are clauses whose style serves their numbers."""

_NEIGHBOURS = frozenset(("w:p", "w:tbl", "w:sdt", "w:sectPr"))


@dataclass(frozen=True, slots=True)
class WordReader:
    """What all stories of a document share."""

    text: CanonicalText
    styles: Styles
    numbering: Numbering
    notes: dict[str, Notes]
    """By the name of the element that refers to them ("w:footnoteReference")."""


class Story:
    """Reads a story of ``part`` into the text of the document.

    ``end_section`` is called after the last paragraph of each section.
    """

    def __init__(
        self, part: Part, word: WordReader, end_section: Callable[[], None] | None = None
    ) -> None:
        self._part = part
        self._word = word
        self._text = word.text
        self._end_section = end_section
        self._reader = InlineReader(word.styles)
        self._before: Inline | None = None
        """What stands before the present paragraph in the same line, as changes are accepted."""

    def add(self, container: _Element) -> None:
        """Add all paragraphs and tables in ``container``."""
        for element in block_contents(container):
            match prefixed(element):
                case "w:p":
                    with noting(self._text, "A paragraph"):
                        self._paragraph(element)
                case "w:tbl":
                    with noting(self._text, "A table"):
                        self._table(element)
                case "w:altChunk":
                    with noting(self._text, "A document embedded in this one"):
                        part = self._part.referred(element)
                        add_chunk(part.package.read(part.name), self._text)

    def lines(self, container: _Element) -> Iterator[str]:
        """Yield the words of each paragraph or row in ``container``, text boxes included."""
        for element in block_contents(container):
            match prefixed(element):
                case "w:p":
                    inline = self._numbered(element)
                    yield one_line(inline.text)
                    for drawing in inline.anchored:
                        yield from self._drawn_lines(drawing)
                case "w:tbl":
                    for row in docx_table_rows(element):
                        cells = (" ".join(self.lines(cell)).strip() for cell in row_cells(row))
                        yield "; ".join(filter(None, cells))

    def _paragraph(self, paragraph: _Element) -> None:
        inline, number = self._counted(paragraph)
        self._say(paragraph, inline.text, number)
        self._add_anchored(inline.anchored)
        if self._end_section and child(paragraph, "w:pPr", "w:sectPr") is not None:
            self._end_section()

    def _counted(self, paragraph: _Element) -> tuple[Inline, Number | None]:
        """Return what stands in ``paragraph`` and its number, unless that was deleted."""
        inline = self._reader.read(paragraph)
        if inline.hides_text:
            self._text.omit("Text that is formatted as hidden was left out.")
        if self._before:
            self._before.add(inline)
            inline, self._before = self._before, None
        properties = properties_of(paragraph, "w:pPr")
        if _is_joined(properties) and _precedes_paragraph(paragraph):
            self._before = inline
            return Inline(), None
        if not inline.text and is_on(child(properties.get("w:rPr"), "w:vanish")):
            return inline, None
        return inline, self._word.numbering.next(paragraph)

    def _numbered(self, paragraph: _Element) -> Inline:
        """Return what stands in ``paragraph`` after its number, if it has one."""
        inline, number = self._counted(paragraph)
        if number and not number.is_bullet:
            inline.words.insert(0, f"{number.text} ")
        return inline

    def _say(self, paragraph: _Element, words: str, number: Number | None) -> None:
        label = number.text if number and not number.is_bullet else ""
        level = self._word.styles.heading_level(paragraph)
        if level and len(words) <= _MOST_HEADING:
            self._text.heading(level, words, label)
        elif number and (number.is_bullet or not number.is_clause):
            depth = max(number.level, self._word.styles.list_level(paragraph))
            self._text.list_item(words, number.text, depth)
        elif not number and (depth := self._word.styles.list_level(paragraph)):
            self._text.list_item(words, level=depth)
        elif self._word.styles.is_caption(paragraph):
            self._text.block("caption", f"{label} {words}")
        elif label:
            self._text.paragraph(words, label)
        else:
            self._text.lines(words)

    def _table(self, element: _Element) -> None:
        """Add a table; tables in its cells follow it, and a mere box is read as what is in it."""
        cells = (cell for row in docx_table_rows(element) for cell in row_cells(row))
        first, second = next(cells, None), next(cells, None)
        if first is not None and second is None:
            self.add(first)
            return
        table = read_table(element, self._numbered)
        self._text.table(table.rows, header=table.header)
        self._add_anchored(table.anchored)
        for nested in table.nested:
            self._table(nested)

    def _add_anchored(self, elements: list[_Element]) -> None:
        for element in elements:
            notes = self._word.notes.get(prefixed(element))
            if notes is not None:
                with noting(self._text, "A note"):
                    self._note(notes, element)
            elif not prefixed(element).endswith("Reference"):
                with noting(self._text, "A drawing"):
                    self._drawing(element, set())

    def _note(self, notes: Notes, reference: _Element) -> None:
        referred = notes.referred(reference)
        if referred:
            label, note = referred
            self._text.block(
                notes.block, " ".join(Story(notes.part, self._word).lines(note)), label
            )

    def _drawing(self, element: _Element, described: set[str]) -> None:
        """Add what a drawing says: alternative text, text boxes, charts and diagrams."""
        for inner in element:
            name = prefixed(inner)
            if name == "w:txbxContent":
                self.add(inner)
            elif name == "a:p":
                self._text.paragraph(paragraph_text(inner))
            elif name == "mc:AlternateContent":
                chosen = branch(inner)
                if chosen is not None:
                    self._drawing(chosen, described)
            elif not add_graphic(inner, self._part, self._text):
                words = _description(inner)
                if words and words not in described:
                    described.add(words)
                    self._text.block("caption", words)
                self._drawing(inner, described)

    def _drawn_lines(self, element: _Element) -> Iterator[str]:
        """Yield the words of a drawing in a note, header or footer."""
        for inner in element:
            name = prefixed(inner)
            if name == "w:txbxContent":
                yield from self.lines(inner)
            elif name == "a:p":
                yield one_line(paragraph_text(inner))
            elif name == "mc:AlternateContent":
                chosen = branch(inner)
                if chosen is not None:
                    yield from self._drawn_lines(chosen)
            else:
                yield _description(inner)
                yield from self._drawn_lines(inner)


def _is_joined(properties: dict[str, _Element]) -> bool:
    """Whether a paragraph ends in no break: it was deleted, or it is the large first letter."""
    mark = properties.get("w:rPr")
    return (
        child(mark, "w:del") is not None
        or child(mark, "w:moveFrom") is not None
        or attribute(properties.get("w:framePr"), "w:dropCap", "none") != "none"
    )


def _precedes_paragraph(paragraph: _Element) -> bool:
    """Whether another paragraph comes next, rather than a table or the end of a cell."""
    names = map(prefixed, paragraph.itersiblings())
    return next((name for name in names if name in _NEIGHBOURS), "") == "w:p"


def _description(element: _Element) -> str:
    """Return the alternative text that ``element`` of a drawing gives, or the letters it draws."""
    name = prefixed(element)
    if name in ("wp:docPr", "pic:cNvPr", "wps:cNvPr"):
        return alt_text(element)
    if name == "v:textpath":
        return attribute(element, "string")
    return one_line(attribute(element, "alt")) if name.startswith("v:") else ""
