"""Rich Text to canonical text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from aiqa.documents.code_pages import encoding_of
from aiqa.documents.edged_tables import CellForm
from aiqa.documents.rtf import charsets
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


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group; the group around it has its own."""

    place: str = "text"
    form: Form = field(default_factory=Form)
    font: int = -1
    after_unicode: int = 1
    is_hidden: bool = False
    is_dropped: bool = False
    """Was deleted while changes were tracked, or repeats in Rich Text what a mail says in HTML."""


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
        self._state = _State()
        self._stack: list[_State] = []
        self._words: dict[str, list[str]] = {}
        """What was collected in each place so far."""
        self._bytes = b""
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._default_font = 0
        self._to_skip = 0
        self._is_starred = False
        self._begins_group = False
        self._cell = CellForm()
        self._style = Style("")
        self._style_number = 0
        self._notes = 0
        self._margins: dict[tuple[str, str], None] = {}
        self._hides_text = False

    def take(self, token: Token) -> None:
        """Go on with the next token."""
        if token.kind == "text":
            self._take_text(token.data)
            return
        self._decode()
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
        self._decode()
        self._end_paragraph()
        self._paragraphs.end_table()
        for kind, words in self._margins:
            if kind == "page header":
                self._text.block("page header", words)
            else:
                self._text.block("page footer", words)
        if self._hides_text:
            self._text.omit("Text that is formatted as hidden was left out.")
        return self._text.content(title="".join(self._words.get("title", ())))

    # -- text ---------------------------------------------------------------------------------

    def _take_text(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._begins_group = False
        self._bytes += data

    def _decode(self) -> None:
        """Add the bytes so far: a character may take several of them."""
        if self._bytes:
            encoding = self._fonts.get(self._font(), self._encoding)
            data, self._bytes = self._bytes, b""
            self._add(data.decode(encoding, "replace"))

    def _add(self, words: str) -> None:
        state = self._state
        if state.place == "skip" or state.is_dropped:
            return
        if state.is_hidden:
            self._hides_text = self._hides_text or bool(words.strip())
            return
        self._words.setdefault(state.place, []).append(words)

    def _taken(self, place: str) -> str:
        """Return what was collected in ``place``, and begin anew there."""
        parts = self._words.pop(place, [])
        # Characters beyond the first 65536 come as two halves.
        return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _font(self) -> int:
        return self._state.font if self._state.font >= 0 else self._default_font

    # -- groups -------------------------------------------------------------------------------

    def _close(self) -> None:
        state = self._state
        around = self._stack.pop() if self._stack else _State()
        if state.place == "styles" and around.place == "styles":
            name = one_line(self._taken("styles")).rstrip(";")
            self._paragraphs.styles[self._style_number] = replace(self._style, name=name)
            self._style, self._style_number = Style(""), 0
        elif state.place != around.place:
            self._leave(state.place)
        self._state = around
        self._to_skip = 0

    def _leave(self, place: str) -> None:
        match place:
            case "note":
                self._paragraphs.anchor("note", f"footnote {self._notes}", self._taken(place))
            case "comment":
                author = one_line(self._taken("author"))
                label = f"comment by {author}" if author else "comment"
                self._paragraphs.anchor("comment", label, self._taken(place))
            case "box":
                self._paragraphs.anchor("box", "", self._taken(place))
            case "page header" | "page footer":
                self._margins[place, one_line(self._taken(place))] = None
            case "marker":
                self._paragraphs.marker = one_line(self._taken(place))
            case "fonts" | "styles":
                self._taken(place)

    def _enter(self, name: str) -> bool:
        """Begin what a group is for, if its first word tells, and tell whether it did."""
        inside = self._state.place
        if inside == "skip" and name not in ("title", "ud"):
            return True
        if name == "ud":
            self._state = replace(self._state, place="text")
        elif name == "footnote":
            self._notes += 1
            self._add(f"[{self._notes}]")
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
                self._add(SYMBOLS[name])

    def _take_word(self, name: str, number: int | None) -> None:
        if (self._begins_group or self._is_starred) and self._enter(name):
            return
        if self._state.place == "skip":
            return
        if name in CHARACTERS:
            self._add(CHARACTERS[name])
        elif name in ENDS:
            self._end_paragraph()
        elif name == "u" and number is not None:
            self._add(chr(number % 0x10000))
            self._to_skip = self._state.after_unicode
        elif name.startswith(("cell", "row", "tr", "cl")) and self._state.place == "text":
            self._take_table_word(name, number)
        else:
            self._take_form(name, number)

    def _take_table_word(self, name: str, number: int | None) -> None:
        match name:
            case "cell":
                self._paragraphs.end_cell(self._taken("text"))
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
            self._take_encoding(name, value)

    def _take_style(self, name: str, value: int) -> None:
        if name == "s":
            self._style_number = value
        else:
            self._style = replace(self._style, outline=value)

    def _take_encoding(self, name: str, value: int) -> None:
        if name == "fcharset" and (encoding := charsets.of_charset(value)):
            self._fonts[self._state.font] = encoding
        elif name == "deff":
            self._default_font = value
        elif name == "ansicpg" and value:
            self._encoding = encoding_of(value)
        elif encoding := charsets.of_word(name):
            self._encoding = encoding

    def _end_paragraph(self) -> None:
        if self._state.place == "text":
            self._paragraphs.end_paragraph(self._taken("text"), self._state.form)
        elif self._state.place != "skip":
            self._words.setdefault(self._state.place, []).append("\n")
