"""The blocks of an OpenDocument file: headings, paragraphs, lists, tables, notes and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from aiqa.documents.opendocument.inline import inline_words, is_shape, note_number, style_of
from aiqa.documents.opendocument.numbering import OUTLINE, Counters, ListNumbering
from aiqa.documents.opendocument.package import OdfPackage, name, number, odf_attribute
from aiqa.documents.tables import TableCell
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_LEVELS = 6
_MOST_REPEATED = 1000
_GROUPS = frozenset((
    "text:section", "text:index-body", "text:index-title", "text:alphabetical-index",
    "text:bibliography", "text:illustration-index", "text:table-index", "text:user-index",
    "text:object-index", "draw:text-box", "draw:a", "office:text", "text:numbered-paragraph",
))  # fmt: skip


class Body:
    """Adds the parts of ``package`` to ``text``."""

    def __init__(self, package: OdfPackage, text: CanonicalText) -> None:
        self._package = package
        self._text = text
        self._numbering = ListNumbering((package.styles, package.content))
        self._parents = dict(_styles(package))
        self._outline = Counters()
        self._lists: dict[str, Counters] = {}
        """Counters of the lists so far: by their id, and the last one of each style."""

    def add(self, elements: Iterable[_Element]) -> None:
        """Add ``elements`` in their order."""
        for element in elements:
            kind = name(element)
            if kind == "text:h":
                self._heading(element)
            elif kind == "text:p":
                self._paragraph(element)
            elif kind == "text:list":
                self._list(element, 1, "", self._counters(element))
            elif kind == "table:table":
                self._table(element)
            elif kind == "office:annotation":
                self._comment(element)
            elif is_shape(element):
                self.shape(element)
            elif kind in _GROUPS:
                self.add(element)

    def add_as(self, kind: str, elements: Iterable[_Element]) -> None:
        """Add the paragraphs in ``elements`` as page headers or footers."""
        for paragraph in paragraphs(elements):
            shown = inline_words(paragraph).text
            if kind == "header":
                self._text.block("page header", shown)
            else:
                self._text.block("page footer", shown)

    def shape(self, shape: _Element) -> None:
        """Add what is written in a shape, or in place of a picture."""
        for child in shape:
            kind = name(child)
            if is_shape(child):
                self.shape(child)
            elif kind in ("svg:title", "svg:desc"):
                self._text.block("caption", child.text or "")
            elif kind in ("draw:object", "draw:object-ole") and len(child) == 0:
                self._object(child, odf_attribute(shape, "draw:name") or "without name")
            else:
                self.add([child])

    def _object(self, element: _Element, called: str) -> None:
        """Add the words and data of a chart, or the formula, that is embedded in the file."""
        root = self._package.embedded(odf_attribute(element, "xlink:href"))
        found = [] if root is None else list(_chart_and_formula(root))
        if not found:
            self._text.omit(f"The embedded object {called} was not read.")
        for part in found:
            if name(part) == "math:annotation":
                self._text.paragraph(part.text or "")
            else:
                self.add([part])

    def note(self, elements: Iterable[_Element], label: str) -> None:
        """Add ``elements`` as one note."""
        shown = " ".join(inline_words(paragraph).text for paragraph in paragraphs(elements))
        self._text.block("note", shown, label)

    def _heading(self, element: _Element, marker: str | None = None) -> None:
        level = number(element, "text:outline-level")
        if marker is None and odf_attribute(element, "text:is-list-header") != "true":
            start = odf_attribute(element, "text:start-value")
            marker = self._numbering.marker(OUTLINE, level, self._outline, start)
        found = inline_words(element)
        self._text.heading(min(level, _MOST_LEVELS), found.text, marker or "")
        self._anchored(found.anchored)

    def _paragraph(self, element: _Element) -> None:
        found = inline_words(element)
        style = self._named_style(style_of(element))
        if style == "Title":
            self._text.heading(1, found.text)
        elif style in ("Caption", "Figure", "Illustration", "Table", "Drawing"):
            self._text.block("caption", found.text)
        else:
            self._text.paragraph(found.text)
        self._anchored(found.anchored)

    def _anchored(self, elements: Iterable[_Element]) -> None:
        for element in elements:
            if name(element) == "text:note":
                bodies = [child for child in element if name(child) == "text:note-body"]
                self.note(bodies, f"{_note_kind(element)} {note_number(element)}".strip())
            elif name(element) == "office:annotation":
                self._comment(element)
            else:
                self.shape(element)

    def _comment(self, element: _Element) -> None:
        author = next((one.text or "" for one in element if name(one) == "dc:creator"), "")
        shown = " ".join(inline_words(paragraph).text for paragraph in paragraphs(element))
        self._text.block("comment", shown, f"comment by {author}" if author else "comment")

    # -- lists --------------------------------------------------------------------------------

    def _counters(self, element: _Element) -> Counters:
        """Return the counters of a list: new ones, or those of the list that it goes on with."""
        style = odf_attribute(element, "text:style-name")
        continued = odf_attribute(element, "text:continue-list")
        if odf_attribute(element, "text:continue-numbering") == "true":
            continued = style
        counters = self._lists.get(continued) or Counters()
        self._lists[style] = counters
        if identity := odf_attribute(element, "xml:id"):
            self._lists[identity] = counters
        return counters

    def _list(self, element: _Element, level: int, style: str, counters: Counters) -> None:
        style = odf_attribute(element, "text:style-name") or style
        for item in element:
            marker = ""
            if name(item) == "text:list-item":
                holds_text = any(name(child) in ("text:p", "text:h") for child in item)
                start = odf_attribute(item, "text:start-value")
                if holds_text:
                    marker = self._numbering.marker(style, level, counters, start)
            for child in item:
                if name(child) == "text:list":
                    self._list(child, level + 1, style, counters)
                elif name(child) == "text:h":
                    self._heading(child, marker)
                elif name(child) == "text:p":
                    found = inline_words(child)
                    self._text.list_item(found.text, marker, level)
                    self._anchored(found.anchored)
                    marker = ""  # further paragraphs of the item stand under the first
                else:
                    self.add([child])

    # -- tables -------------------------------------------------------------------------------

    def _table(self, table: _Element) -> None:
        rows: list[list[TableCell]] = []
        anchored: list[_Element] = []
        heads = 0
        for row, is_head in _rows(table):
            cells = list(_cells(row, anchored, is_head=is_head))
            repeated = number(row, "table:number-rows-repeated")
            if not any(cell.text for cell in cells):
                repeated = 1
            rows.extend([cells] * min(repeated, _MOST_REPEATED))
            heads += is_head
        self._text.table(rows, header=True if heads else None)
        self._anchored(anchored)

    # -- styles -------------------------------------------------------------------------------

    def _named_style(self, style: str) -> str:
        """Return the style that people chose: automatic ones go back to it."""
        return self._parents.get(style, style)


def _chart_and_formula(root: _Element) -> Iterator[_Element]:
    """Yield the titles and the table of a chart, or the source of a formula."""
    for child in root:
        if name(child) in ("text:p", "table:table", "math:annotation"):
            yield child
        elif name(child):
            yield from _chart_and_formula(child)


def paragraphs(elements: Iterable[_Element]) -> Iterator[_Element]:
    """Yield the paragraphs and headings in ``elements``, at any depth."""
    for element in elements:
        if name(element) in ("text:p", "text:h"):
            yield element
        elif name(element):
            yield from paragraphs(element)


def _styles(package: OdfPackage) -> Iterator[tuple[str, str]]:
    """Yield the automatic styles of paragraphs, each with the style that it is made of."""
    for element in package.content.iter():
        if name(element) == "style:style" and (
            parent := odf_attribute(element, "style:parent-style-name")
        ):
            yield odf_attribute(element, "style:name"), parent


def _rows(table: _Element, *, is_head: bool = False) -> Iterator[tuple[_Element, bool]]:
    """Yield the rows of a table, and whether each is marked as a head."""
    for child in table:
        if name(child) == "table:table-row":
            yield child, is_head
        elif name(child) in (
            "table:table-header-rows", "table:table-rows", "table:table-row-group",
        ):  # fmt: skip
            yield from _rows(child, is_head=is_head or name(child) == "table:table-header-rows")


def _cells(row: _Element, anchored: list[_Element], *, is_head: bool) -> Iterator[TableCell]:
    for element in row:
        if name(element) != "table:table-cell":
            continue
        texts = []
        for paragraph in paragraphs(element):
            found = inline_words(paragraph)
            texts.append(found.text)
            anchored.extend(found.anchored)
        cell = TableCell(
            one_line(" ".join(texts)),
            columns=number(element, "table:number-columns-spanned"),
            rows=number(element, "table:number-rows-spanned"),
            is_head=is_head,
        )
        repeated = min(number(element, "table:number-columns-repeated"), _MOST_REPEATED)
        for _ in range(repeated):
            yield cell


def _note_kind(note: _Element) -> str:
    return odf_attribute(note, "text:note-class") or "footnote"
