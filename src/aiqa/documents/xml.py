"""XML: the text of its elements, those of DocBook, TEI and JATS by what they are called."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from aiqa.documents import html_blocks
from aiqa.documents.encoding import decode
from aiqa.documents.html_fragments import words_of_markup
from aiqa.documents.tables import TableCell
from aiqa.documents.text_builder import CanonicalText, Content, one_line
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

_HTML = "html"
_PARAGRAPHS = frozenset(("para", "simpara", "p", "ab", "l"))
_TITLES = frozenset(("title", "head", "subtitle"))
_CODE = frozenset(("programlisting", "screen", "literallayout", "code-block", "synopsis"))
_LISTS = frozenset(("itemizedlist", "list", "ul", "simplelist"))
_ORDERED = frozenset(("orderedlist", "procedure", "ol"))
_ITEMS = frozenset(("listitem", "item", "list-item", "li", "member", "step"))
_ROWS = frozenset(("row", "tr"))
_NOTES = frozenset(("note", "footnote", "fn"))
_TABLES = frozenset(("table", "informaltable", "tgroup", "table-wrap"))
_ABOUT = frozenset(("info", "articleinfo", "bookinfo", "chapterinfo", "title-group", "titlestmt"))
_CELLS = frozenset(("entry", "cell", "td", "th"))
_MOST_FIELD = 500
_OF_XML = re.compile(r"\{http://www\.w3\.org/[^}]*\}")
"""Attributes that say how a file is to be read, not what it says."""


def load(data: bytes) -> Content:
    """Return the text of a file; records as one line each, "name: value".

    Entities of the file's own making are not resolved, nor is anything fetched.

    Raises:
        DocumentError: it is not XML.
    """
    from lxml import etree

    source = decode(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    # As bytes: lxml refuses a string that declares an encoding of its own.
    root = etree.fromstring(source.encode(), parser)
    if root is None:
        raise DocumentError("This is not readable XML.", "It may be damaged; save it anew.")
    text = CanonicalText()
    if _name(root) == _HTML and (page := html_blocks.parse(source)) is not None:
        html_blocks.add_body(page, text)
    else:
        _Reader(text, is_prose=any(map(_is_prose, root.iter("*")))).add(root, 0)
    return text.content(title=None)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _children(element: _Element) -> list[_Element]:
    return [child for child in element if isinstance(child.tag, str)]


class _Reader:
    """Adds elements to a text by their names.

    In prose, attributes of what holds other elements say how it looks, elsewhere they are data.
    """

    def __init__(self, text: CanonicalText, *, is_prose: bool) -> None:
        self._text = text
        self._is_prose = is_prose
        self._depth = 0

    def add(self, element: _Element, level: int) -> None:
        """Add ``element``, which stands within ``level`` titled elements."""
        name = _name(element)
        if name in _TITLES:
            self._text.heading(min(max(level, 1), 6), _words(element))
        elif name in _CODE:
            self._text.code("".join(element.itertext()))
        elif name in _LISTS | _ORDERED:
            self._list(element, level, is_ordered=name in _ORDERED)
        elif name in _NOTES:
            self._text.block("note", _words(element), element.get("n", "") or "note")
        elif name in _TABLES and any(map(_is_row, element.iter("*"))):
            self._table(element)
        elif name in _PARAGRAPHS or _is_running_text(element):
            self._text.paragraph(_words(element))
        elif _is_record(element):
            self._record(element)
        else:
            if not self._is_prose:
                self._text.list_item(_pairs(_attributes(element)), "")
            inner = level + any(_name(child) in _TITLES for child in _children(element))
            for child in _children(element):
                self.add(child, inner)

    def _list(self, element: _Element, level: int, *, is_ordered: bool) -> None:
        self._depth += 1
        number = 0
        for child in _children(element):
            if _name(child) not in _ITEMS:
                self.add(child, level + 1)
                continue
            number += 1
            marker = f"{number}." if is_ordered else "-"
            nested = [inner for inner in child.iter("*") if _name(inner) in _LISTS | _ORDERED]
            words = _words(child, without=frozenset(nested))
            self._text.list_item(words, marker, self._depth)
            for inner in nested:
                self._list(inner, level, is_ordered=_name(inner) in _ORDERED)
        self._depth -= 1

    def _table(self, element: _Element) -> None:
        for child in element:
            if _name(child) in _TITLES | {"caption"}:
                self._text.block("caption", _words(child))
        rows = [row for row in element.iter("*") if _is_row(row)]
        self._text.table([list(map(_cell, _children(row))) for row in rows])

    def _record(self, element: _Element) -> None:
        """Add an element that holds only named values, attributes among them, as one line."""
        values = [] if len(element) else [(_local(element), _words(element))]
        values += _attributes(element)
        for child in _children(element):
            values.append((_local(child), _words(child)))
            values += [(f"{_local(child)} {name}", value) for name, value in _attributes(child)]
        self._text.list_item(_pairs(values), "")


def _attributes(element: _Element) -> list[tuple[str, str]]:
    """Return the names and values of the attributes that are data."""
    return [
        (str(key).rpartition("}")[2], str(value))
        for key, value in element.attrib.items()
        if not _OF_XML.match(str(key))
    ]


def _pairs(values: list[tuple[str, str]]) -> str:
    """Return the values that are not blank as "name: value; …"."""
    return "; ".join(f"{name}: {value}" for name, value in values if one_line(value))


def _is_row(element: _Element) -> bool:
    """Whether ``element`` is a row of cells."""
    return _name(element) in _ROWS and any(_name(child) in _CELLS for child in element)


def _cell(element: _Element) -> TableCell:
    part = next((above for above in element.iterancestors() if _name(above) == "thead"), None)
    return TableCell(_words(element), is_head=_name(element) == "th" or part is not None)


def _local(element: _Element) -> str:
    """Return the name of ``element`` as it is written."""
    return str(element.tag).rpartition("}")[2]


def _is_running_text(element: _Element) -> bool:
    """Whether words and elements mix in ``element``, or its words are too many for a value."""
    loose = [element.text or "", *(child.tail or "" for child in element)]
    has_words = any(map(str.strip, loose))
    return has_words and (len(element) > 0 or len(loose[0]) > _MOST_FIELD)


def _is_prose(element: _Element) -> bool:
    return _name(element) in _PARAGRAPHS or _is_running_text(element)


def _is_record(element: _Element) -> bool:
    """Whether ``element`` is a value, or holds nothing but values, none of them a record."""
    unlike = _PARAGRAPHS | (_TITLES if _name(element) in _ABOUT else frozenset())
    counts = Counter(map(_name, element))
    return all(
        not len(child)
        and _name(child) not in unlike
        and not (counts[_name(child)] > 1 and _attributes(child))
        for child in element
    )


def _words(element: _Element, without: frozenset[_Element] = frozenset()) -> str:
    """Return the text of ``element`` as one line, blocks in it set apart by blanks."""
    if not len(element) and (words := words_of_markup(element.text or "")):
        return words
    parts: list[str] = [element.text or ""]
    for child in element:
        inner = "" if child in without or not _name(child) else _words(child, without)
        is_block = _name(child) in _PARAGRAPHS | _ITEMS | _TITLES
        parts += [f" {inner} " if is_block else inner, child.tail or ""]
    return one_line("".join(parts))
