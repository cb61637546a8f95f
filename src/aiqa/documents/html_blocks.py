"""HTML elements to canonical text, all that a reader sees of them, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiqa.documents import html_lists, html_notes, html_tables
from aiqa.documents.html_elements import blocks_in, contents, is_hidden, names
from aiqa.documents.html_frames import unfold_frames
from aiqa.documents.html_inline import (
    Field,
    Picture,
    Piece,
    inline_pieces,
    inline_text,
    inline_text_of,
)
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEAD = frozenset(("base", "link", "meta", "noscript", "script", "style", "template", "title"))
_PARAGRAPH_BREAK = re.compile(r"\s*\n\s*\n\s*")


def parse(source: str) -> _Element | None:
    """Return the ``html`` element of a page; None where there are only blanks or comments."""
    page = _parse(source)
    if page is not None:
        unfold_frames(page, _parse)
    return page


def _parse(source: str) -> _Element | None:
    from lxml import html
    from lxml.etree import ParserError

    # As bytes: lxml refuses a string that declares an encoding of its own.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        page = html.document_fromstring(source.encode(), parser=parser, ensure_head_body=True)
    except ParserError:
        return None
    _move_to_body(page)
    return page


def _move_to_body(page: _Element) -> None:
    """Move what is no part of the head of ``page`` to its body.

    The parser leaves elements there that it does not know, such as ``main``, where no tag begins
    the body.
    """
    head, body = page.find("head"), page.find("body")
    if head is None or body is None:
        return
    known = (child.tag in _HEAD or not isinstance(child.tag, str) for child in head)
    first = next((at for at, is_known in enumerate(known) if not is_known), len(head))
    body[:0] = head[first:]


def add_body(page: _Element, text: CanonicalText) -> None:
    """Add all that a reader sees of the body of ``page``."""
    if (body := page.find("body")) is not None:
        _Walker(body, text).add(body)


class _Walker:
    """Adds elements to a text; knows the list, the item and the note that they stand in."""

    def __init__(self, root: _Element, text: CanonicalText) -> None:
        self._text = text
        self._blocks = blocks_in(root)
        self._notes = html_notes.numbers(root)
        self._level = 0
        self._marker: str | None = None
        self._head = ""
        self._note: str | None = None

    def add(self, element: _Element) -> None:
        """Add the contents of ``element``: blocks by their tags, loose words as paragraphs."""
        loose: list[str | _Element] = []
        for item in contents(element):
            if isinstance(item, str) or item not in self._blocks:
                loose.append(item)
                continue
            self._loose(inline_pieces(loose))
            loose = []
            if not is_hidden(item):
                self._block(item)
        self._loose(inline_pieces(loose))

    def _block(self, element: _Element) -> None:
        tag = element.tag
        if self._note is None and html_notes.is_note(element):
            self._add_note(element)
        elif level := _heading_level(element):
            self._text.heading(level, inline_text(element))
        elif tag in ("ul", "ol", "menu", "dir"):
            self._list(element)
        elif tag == "dl":
            self._definitions(element)
        elif tag == "table":
            self._table(element)
        elif tag == "pre":
            self._flush()
            self._text.code(_code(element))
        elif tag in ("figcaption", "caption") and self._marker is None:
            self._text.block("caption", inline_text(element))
        else:
            self.add(element)

    def _loose(self, found: Sequence[Piece]) -> None:
        """Add running text; fields of a form with the words before them, pictures after it."""
        words: list[Piece] = []
        pictures: list[Picture] = []
        for piece in found:
            if isinstance(piece, Field) and self._marker is None and self._note is None:
                name = one_line(inline_text_of(words)).rstrip(":") or piece.name
                self._text.form_field(name, piece.value)
                words = []
            elif isinstance(piece, Picture):
                pictures.append(piece)
            else:
                words.append(piece)
        for part in _PARAGRAPH_BREAK.split(inline_text_of(words)):
            self._paragraph(part)
        for picture in pictures:
            self._flush()
            self._text.block("caption", picture.words)

    def _paragraph(self, words: str) -> None:
        """Add a paragraph, or what it is within a list or a note."""
        shown = one_line(self._head + words)
        if not one_line(words):
            return
        if self._note is not None:
            self._text.block("note", shown, self._note)
        elif self._marker is not None:
            self._text.list_item(shown, self._marker, max(self._level, 1))
            self._marker = ""
        else:
            self._text.lines(self._head + words)
        self._head = ""

    def _flush(self) -> None:
        """Add the term or number that heads an item which begins with no words of its own."""
        if head := self._head.rstrip(": "):
            self._head = ""
            self._paragraph(head)

    @contextmanager
    def _item(self, marker: str | None, head: str = "") -> Iterator[None]:
        """Make what is added an item of a list that begins with ``marker`` and ``head``."""
        before = (self._marker, self._head)
        self._marker, self._head = marker, head
        yield
        self._flush()
        self._marker, self._head = before

    def _list(self, element: _Element) -> None:
        """Add a list, nested lists included, as consecutive lines."""
        self._flush()
        items = list(element.iterchildren("li"))
        shown = html_lists.markers(element, len(items))
        self._level += 1
        for item in contents(element):
            if isinstance(item, str):
                self._loose([item])
            elif item.tag != "li":
                if not is_hidden(item):
                    self._block(item)
            else:
                marker = next(shown)
                if is_hidden(item):
                    continue
                if self._note is None and html_notes.is_note(item):
                    self._add_note(item, marker.rstrip("."))
                else:
                    with self._item(marker):
                        self.add(item)
        self._level -= 1

    def _definitions(self, element: _Element) -> None:
        """Add each term with what it is: "term: definition; another"."""
        self._flush()
        self._level += 1
        for terms, meanings in _entries(element):
            head = ", ".join(filter(None, map(one_line, map(inline_text, terms))))
            plain = [meaning for meaning in meanings if self._is_plain(meaning)]
            first = _in_a_row([one_line(inline_text(meaning)) for meaning in plain])
            with self._item("", f"{head}: " if head else ""):
                self._paragraph(first)
                for meaning in meanings:
                    if meaning not in plain:
                        self.add(meaning)
        self._level -= 1

    def _is_plain(self, element: _Element) -> bool:
        """Whether ``element`` holds no blocks."""
        return not any(child in self._blocks for child in element)

    def _table(self, element: _Element) -> None:
        self._flush()
        if caption := html_tables.caption_of(element):
            self._text.block("caption", caption)
        rows = html_tables.rows_of(element)
        if html_tables.is_layout(element, rows):
            for row in rows:
                for cell in row:
                    if not html_tables.is_gutter(cell):
                        self.add(cell)
            return
        is_headed = any(cell.tag == "th" for row in rows[:1] for cell in row)
        has_heads = any(cell.tag == "th" for row in rows for cell in row)
        header = None if is_headed or not has_heads else False
        self._text.table(html_tables.table_cells(rows), header=header)

    def _add_note(self, element: _Element, marker: str = "") -> None:
        """Add a footnote, with the number by which the text refers to it."""
        inside = [element, *element.iter("*")]
        places = [inner.get("id", "") for inner in inside]
        number = next((self._notes[place] for place in places if place in self._notes), marker)
        shown = html_notes.html_note_number(one_line(inline_text(element)))
        self._note = f"footnote {shown or number}" if shown or number else ""
        with self._item(None, f"[{number}] " if number and not shown else ""):
            self.add(element)
        self._note = None


def _heading_level(element: _Element) -> int:
    """Return the level of a heading, 1 to 6; 0 for what is none."""
    if found := re.fullmatch(r"h([1-6])", element.tag):
        return int(found[1])
    if "heading" in names(element):
        level = element.get("aria-level", "2")
        return min(int(level), 6) if level.isdigit() and level != "0" else 2
    return 0


def _entries(element: _Element) -> list[tuple[list[_Element], list[_Element]]]:
    """Return the terms and meanings of each entry of a definition list."""
    found: list[tuple[list[_Element], list[_Element]]] = []
    for part in element.iter("dt", "dd"):
        owner = next((above for above in part.iterancestors() if above.tag == "dl"), None)
        if owner is not element or is_hidden(part):
            continue
        if not found or (part.tag == "dt" and found[-1][1]):
            found.append(([], []))
        found[-1][0 if part.tag == "dt" else 1].append(part)
    return found


def _in_a_row(meanings: Sequence[str]) -> str:
    """Return meanings as one line: sentences one after the other, else with semicolons."""
    text = ""
    for meaning in filter(None, meanings):
        joint = "" if not text else (" " if text[-1] in ".!?。" else "; ")
        text += joint + meaning
    return text


def _code(element: _Element) -> str:
    """Return code with its lines, those that a ``br`` ends among them."""
    parts: list[str] = []
    stack = list(contents(element))[::-1]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item.tag == "br":
            parts.append("\n")
        elif not is_hidden(item):
            stack.extend(list(contents(item))[::-1])
    return "".join(parts)
