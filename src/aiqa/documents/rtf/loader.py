"""Rich Text to canonical text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiqa.documents.edged_tables import CellForm
from aiqa.documents.rtf.destinations import Destinations, GroupState
from aiqa.documents.rtf.paragraphs import Form, RtfParagraphs, Style
from aiqa.documents.rtf.tokens import Token, tokens
from aiqa.documents.rtf.words import (
    CHARACTERS,
    ENDS,
    ENTERED,
    FIELDS,
    FLAGS,
    FORMS,
    PLACES,
    SKIPPED,
    SYMBOLS,
)
from aiqa.documents.text_builder import CanonicalText, Content, one_line
from aiqa.errors import DocumentError


def load(data: bytes) -> Content:
    """Headings by their styles, lists with their markers, tables, notes and comments in place.

    Raises:
        DocumentError: this is not Rich Text.
    """
    start = data.find(b"{\\rtf")
    if start < 0:
        raise DocumentError("This is not Rich Text.", "Save it anew in its own program.")
    reader = _Reader()
    for token in tokens(data[start:]):
        reader.take(token)
    return reader.content()


class _Reader:
    """Follows the tokens of one file."""

    def __init__(self) -> None:
        self._text = CanonicalText()
        self._paragraphs = RtfParagraphs(self._text)
        self._state = GroupState()
        self._stack: list[GroupState] = []
        self._destinations = Destinations()
        self._to_skip = 0
        self._is_starred = False
        self._begins_group = False
        self._cell = CellForm()
        self._style = Style("")
        self._style_number = 0
        self._notes = 0
        self._margins: dict[tuple[str, str], None] = {}

    def take(self, token: Token) -> None:
        """Go on with the next token."""
        if token.kind == "text":
            self._take_text(token.data)
            return
        self._destinations.decode(self._state)
        if token.kind == "open":
            self._stack.append(self._state)
            self._to_skip = 0
        elif token.kind == "close":
            self._close()
        elif token.kind == "symbol":
            self._take_symbol(token.name)
        else:
            self._take_word(token.name, token.number)
        self._begins_group = token.kind == "open"
        if token.kind != "symbol":
            self._is_starred = False

    def content(self) -> Content:
        """Return what was read, with page headers and footers at the end."""
        self._destinations.decode(self._state)
        self._end_paragraph()
        self._paragraphs.end_table()
        for kind, words in self._margins:
            if kind == "page header":
                self._text.block("page header", words)
            else:
                self._text.block("page footer", words)
        if self._destinations.hides_text:
            self._text.omit("Text that is formatted as hidden was left out.")
        return self._text.content(title=self._destinations.take("title"))

    # -- text ---------------------------------------------------------------------------------

    def _take_text(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._begins_group = False
        self._destinations.add_bytes(data)

    # -- groups -------------------------------------------------------------------------------

    def _close(self) -> None:
        state = self._state
        around = self._stack.pop() if self._stack else GroupState()
        if state.place == "styles" and around.place == "styles":
            name = one_line(self._destinations.take("styles")).rstrip(";")
            self._paragraphs.styles[self._style_number] = replace(self._style, name=name)
            self._style, self._style_number = Style(""), 0
        elif state.place != around.place:
            self._leave(state.place)
        self._state = around
        self._to_skip = 0

    def _leave(self, place: str) -> None:
        match place:
            case "note":
                self._paragraphs.anchor(
                    "note", f"footnote {self._notes}", self._destinations.take(place)
                )
            case "comment":
                author = one_line(self._destinations.take("author"))
                label = f"comment by {author}" if author else "comment"
                self._paragraphs.anchor("comment", label, self._destinations.take(place))
            case "box":
                self._paragraphs.anchor("box", "", self._destinations.take(place))
            case "page header" | "page footer":
                self._margins[place, one_line(self._destinations.take(place))] = None
            case "marker":
                self._paragraphs.marker = one_line(self._destinations.take(place))
            case "fonts" | "styles":
                self._destinations.take(place)

    def _enter(self, name: str) -> bool:
        """Begin what a group is for, if its first word tells, and tell whether it did."""
        inside = self._state.place
        if name == "objdata":
            self._text.omit("An embedded object was not read.")
        if inside == "skip" and name not in ("title", "ud"):
            return True
        if name == "ud":
            self._state = replace(self._state, place="text")
        elif name == "footnote":
            self._notes += 1
            self._destinations.add(f"[{self._notes}]", self._state)
            self._state = replace(self._state, place="note")
        elif name in PLACES:
            self._state = replace(self._state, place=PLACES[name])
        elif name in SKIPPED or (self._is_starred and name not in ENTERED):
            self._state = replace(self._state, place="skip")
        else:
            return False
        return True

    # -- control words ------------------------------------------------------------------------

    def _take_symbol(self, name: str) -> None:
        if name == "*":
            self._is_starred = self._begins_group
        elif name in ENDS:
            self._end_paragraph()
        elif name in SYMBOLS:
            if self._to_skip:
                self._to_skip -= 1
            else:
                self._destinations.add(SYMBOLS[name], self._state)

    def _take_word(self, name: str, number: int | None) -> None:
        if (self._begins_group or self._is_starred) and self._enter(name):
            return
        if self._state.place == "skip":
            return
        if name in CHARACTERS:
            self._destinations.add(CHARACTERS[name], self._state)
        elif name in ENDS:
            self._end_paragraph()
        elif name == "u" and number is not None:
            self._destinations.add(chr(number % 0x10000), self._state)
            self._to_skip = self._state.after_unicode
        elif name.startswith(("cell", "row", "tr", "cl")) and self._state.place == "text":
            self._take_table_word(name, number)
        else:
            self._take_form(name, number)

    def _take_table_word(self, name: str, number: int | None) -> None:
        match name:
            case "cell":
                self._paragraphs.end_cell(self._destinations.take("text"))
            case "row":
                self._paragraphs.end_row()
            case "trowd":
                self._paragraphs.begin_row()
            case "trhdr":
                self._paragraphs.mark_head()
            case "clmrg":
                self._cell.joins_left = True
            case "clvmrg":
                self._cell.joins_above = True
            case "cellx":
                self._cell.edge = number or 0
                self._paragraphs.add_form(self._cell)
                self._cell = CellForm()

    def _take_form(self, name: str, number: int | None) -> None:
        state, value = self._state, number or 0
        if state.place == "styles" and name in ("s", "outlinelevel"):
            self._take_style(name, value)
        elif name in FIELDS:
            changed: dict[str, Any] = {FIELDS[name]: value}
            self._state = replace(state, **changed)
        elif name in FLAGS:
            changed = {FLAGS[name]: number != 0}
            self._state = replace(state, **changed)
        elif name in FORMS:
            changed = {FORMS[name]: value}
            self._state = replace(state, form=replace(state.form, **changed))
        elif name == "intbl":
            self._state = replace(state, form=replace(state.form, in_table=True))
        elif name == "pard":
            self._state = replace(state, form=Form())
        elif name == "plain":
            self._state = replace(state, font=-1, is_hidden=False)
        else:
            self._destinations.set_encoding(name, value, state.font)

    def _take_style(self, name: str, value: int) -> None:
        if name == "s":
            self._style_number = value
        else:
            self._style = replace(self._style, outline=value)

    def _end_paragraph(self) -> None:
        if self._state.place == "text":
            self._paragraphs.end_paragraph(self._destinations.take("text"), self._state.form)
        elif self._state.place != "skip":
            self._destinations.end_line(self._state.place)
